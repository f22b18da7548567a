//! How each service says no.

use super::Fault;
use super::http::Answer;
use super::wire::Request;

pub(super) const EC2_NAMESPACE: &str = "http://ec2.amazonaws.com/doc/2016-11-15/";
const HTML: &str =
    "<!doctype html>\n<html lang=en>\n<title>500 Internal Server Error</title>\n<h1>Internal Server Error</h1>\n";

/// Status and code of a refusal.
type Refusal = (u16, &'static str);

/// The answer in moto's place; nothing if moto answers and the fault is in how it arrives.
pub(super) fn refusal(fault: &Fault, request: &Request) -> Option<Answer> {
    let service = request.service.as_str();
    let (status, code): Refusal = match fault {
        Fault::Deny => match service {
            "ec2" => (403, "UnauthorizedOperation"),
            "iam" | "sts" | "s3" | "route53" => (403, "AccessDenied"),
            _ => (400, "AccessDeniedException"),
        },
        Fault::Throttle => match service {
            "ec2" => (503, "RequestLimitExceeded"),
            "s3" => (503, "SlowDown"),
            "iam" | "sts" | "route53" => (400, "Throttling"),
            _ => (400, "ThrottlingException"),
        },
        Fault::Expired => match service {
            "ec2" => (400, "RequestExpired"),
            "s3" => (400, "ExpiredToken"),
            "iam" | "sts" | "route53" => (403, "ExpiredToken"),
            _ => (400, "ExpiredTokenException"),
        },
        Fault::ServerError => return Some(Answer::new(500, "text/html; charset=utf-8", HTML)),
        Fault::Answer(status, kind, body) => return Some(Answer::new(*status, kind, body.clone())),
        _ => return None,
    };
    let message = match fault {
        Fault::Deny => format!("You are not authorized to perform: {}", request.action),
        Fault::Throttle => "Rate exceeded".to_owned(),
        _ => "The security token included in the request is expired".to_owned(),
    };
    Some(said(service, status, code, &message))
}

fn said(service: &str, status: u16, code: &str, message: &str) -> Answer {
    let error = format!("<Code>{code}</Code><Message>{message}</Message>");
    let of = |namespace: &str| {
        format!(
            "<ErrorResponse xmlns=\"{namespace}\"><Error><Type>Sender</Type>{error}</Error><RequestId>1</RequestId></ErrorResponse>"
        )
    };
    let xml = match service {
        "ec2" => format!("<Response><Errors><Error>{error}</Error></Errors><RequestID>1</RequestID></Response>"),
        "s3" => format!("<Error>{error}<RequestId>1</RequestId><HostId>1</HostId></Error>"),
        "iam" => of("https://iam.amazonaws.com/doc/2010-05-08/"),
        "sts" => of("https://sts.amazonaws.com/doc/2011-06-15/"),
        "route53" => of("https://route53.amazonaws.com/doc/2013-04-01/"),
        _ => {
            let body = serde_json::json!({ "__type": code, "message": message });
            let mut answer = Answer::new(status, "application/x-amz-json-1.1", body.to_string());
            answer.headers.push(("x-amzn-ErrorType".to_owned(), code.to_owned()));
            return answer;
        }
    };
    Answer::new(status, "text/xml", format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{xml}"))
}
