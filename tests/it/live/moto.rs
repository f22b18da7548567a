//! moto: AWS over the wire. One server for the whole run of the tests, emptied for each of them;
//! it ends with the process that started it, however that ends.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::python::{python, scripts};

/// Serves until its standard input is closed: a test that is killed leaves no server behind.
const SERVE: &str = "import os, sys, threading\n\
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()\n\
    from moto.server import main\n\
    main(sys.argv[1:])";

/// moto, for one test at a time.
pub(crate) struct Moto {
    server: MutexGuard<'static, Server>,
}

struct Server {
    port: u16,
    /// Its standard input is what keeps the server alive.
    _child: Child,
}

impl Moto {
    /// The server, empty; waits until no other test has it.
    pub(crate) fn empty() -> Self {
        static SERVER: OnceLock<Mutex<Server>> = OnceLock::new();
        let server = SERVER.get_or_init(|| Mutex::new(Server::start()));
        let moto = Self { server: server.lock().unwrap_or_else(PoisonError::into_inner) };
        assert!(post(moto.port(), "/moto-api/reset").contains(" 200 "), "moto cannot be emptied");
        moto
    }

    /// The port on this machine.
    pub(crate) fn port(&self) -> u16 {
        self.server.port
    }

    /// `http://127.0.0.1:…`, as `AWS_ENDPOINT_URL` takes it.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port())
    }

    /// Fills it with an estate of so many workspaces; flags and answer as `tests/live/estate.py`
    /// says.
    pub(crate) fn estate(&self, workspaces: usize, flags: &[&str]) -> Value {
        let mut command = Command::new(python());
        command.arg("-B").arg(scripts().join("estate.py"));
        command.args(["--endpoint", &self.endpoint(), "--workspaces", &workspaces.to_string()]).args(flags);
        let output = command.env("AWS_EC2_METADATA_DISABLED", "true").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

impl Server {
    fn start() -> Self {
        // a port that was free a moment ago; moto cannot be asked which one it took
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let mut child = Command::new(python())
            .args(["-c", SERVE, "-H", "127.0.0.1", "-p", &port.to_string()])
            .envs([("AWS_EC2_METADATA_DISABLED", "true"), ("PYTHONUNBUFFERED", "1")])
            .env_remove("MOTO_ACCOUNT_ID")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // it writes a line a request: somebody has to read them
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let began = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            if let Some(status) = child.try_wait().unwrap() {
                let said: Vec<String> = lines.map_while(Result::ok).collect();
                panic!("moto ended with {status}:\n{}", said.join("\n"));
            }
            assert!(began.elapsed() < Duration::from_secs(90), "moto does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
        std::thread::spawn(move || while let Some(Ok(_)) = lines.next() {});
        Self { port, _child: child }
    }
}

/// The head and body of the answer to an empty POST.
fn post(port: u16, path: &str) -> String {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    write!(stream, "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// The harness against itself: what the script says is what moto holds, in both accounts.
#[test]
fn the_estate_holds_what_it_says() {
    let moto = Moto::empty();
    let estate = moto.estate(4, &["--faults", "--answers"]);
    let workspaces = estate["workspaces"].as_object().unwrap();
    assert_eq!(workspaces.len(), 4);
    let mut places: Vec<String> = Vec::new();
    for (name, made) in workspaces {
        let place = format!("{}/{}", made["account"].as_str().unwrap(), made["region"].as_str().unwrap());
        let ids = |file: &str, list: &str, id: &str| -> Vec<&Value> {
            let answer = &estate["answers"][format!("aws/{place}/{file}")];
            answer[list].as_array().unwrap().iter().map(|item| &item[id]).collect()
        };
        assert!(ids("describe-vpcs", "Vpcs", "VpcId").contains(&&made["vpc"]), "{name}");
        assert!(
            made["subnets"]
                .as_array()
                .unwrap()
                .iter()
                .all(|subnet| ids("describe-subnets", "Subnets", "SubnetId").contains(&subnet))
        );
        for endpoint in made["endpoints"].as_object().unwrap().values() {
            assert!(
                ids("describe-vpc-endpoints", "VpcEndpoints", "VpcEndpointId").contains(&endpoint),
                "{name}: {endpoint}"
            );
        }
        places.push(place);
    }
    places.sort();
    assert_eq!(
        places,
        ["111122223333/eu-west-1", "111122223333/us-east-1", "444455556666/eu-west-1", "444455556666/us-east-1"]
    );
    // Databricks names what AWS has
    let networks = estate["databricks"]["networks"].as_array().unwrap();
    for (network, made) in networks.iter().zip(workspaces.values()) {
        assert_eq!(network["vpc_id"], made["vpc"]);
        assert_eq!(network["security_group_ids"][0], made["groups"]["nodes"]);
    }
    // a second test starts with nothing
    drop(moto);
    let moto = Moto::empty();
    assert!(post(moto.port(), "/moto-api/reset").contains(" 200 "));
    assert_eq!(moto.estate(0, &[])["workspaces"].as_object().unwrap().len(), 0);
}
