"""What `plaudit collect` costs beside the tools that read less: CPU seconds and peak memory, in one run.

    cargo build --release --features live
    python benches/collect.py target/release/plaudit [--workspaces 50] [--runs 3]

Starts moto_server (on PATH, with boto3 and the AWS CLI beside it), fills it with tests/live/estate.py, and runs
in turn, each as a process of its own:

    collect   plaudit collect, AWS only: its VPCs are found by endpoints to Databricks
    audit     plaudit audit --live, the same and judged
    cli       twelve `aws ec2 describe-*` calls, for one account and region
    boto3     the same twelve calls from one Python process

CPU and memory are those of the processes themselves; moto's are not counted. Nothing is asserted.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request

CALLS = ["vpcs", "subnets", "route-tables", "security-groups", "network-acls", "network-interfaces", "vpc-endpoints",
         "nat-gateways", "internet-gateways", "vpc-peering-connections", "flow-logs", "instances"]
BOTO3 = """
import boto3
client = boto3.client("ec2")
for call in %r:
    getattr(client, "describe_" + call.replace("-", "_"))()
""" % CALLS


def free_port():
    import socket
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def moto():
    port = free_port()
    server = subprocess.Popen(["moto_server", "-H", "127.0.0.1", "-p", str(port)],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(300):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/moto-api/", timeout=2)
            return server, port
        except OSError:
            time.sleep(0.1)
    sys.exit("moto_server does not answer")


def measure(commands, environment):
    """CPU seconds, peak memory in MiB and wall seconds of commands, one after the other."""
    cpu, peak, began, said = 0.0, 0, time.monotonic(), ""
    for command in commands:
        with tempfile.TemporaryFile("w+") as err:
            child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=err)
            _, status, usage = os.wait4(child.pid, 0)
            err.seek(0)
            said = err.read()
        if os.waitstatus_to_exitcode(status) not in (0, 1, 3):
            sys.exit(f"{command[:3]} failed: {said[-500:]}")
        cpu += usage.ru_utime + usage.ru_stime
        peak = max(peak, usage.ru_maxrss)
    calls = [line.split()[0] for line in said.splitlines() if line.split()[1:2] == ["calls,"] or line.endswith(" calls")]
    return {"cpu": cpu, "peak": peak / 1024, "wall": time.monotonic() - began, "calls": calls[-1] if calls else None}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("plaudit")
    parser.add_argument("--workspaces", type=int, default=50)
    parser.add_argument("--runs", type=int, default=3)
    args = parser.parse_args()
    server, port = moto()
    try:
        script = os.path.join(os.path.dirname(__file__), "..", "tests", "live", "estate.py")
        filled = subprocess.run([sys.executable, script, "--endpoint", f"http://127.0.0.1:{port}",
                                 "--workspaces", str(args.workspaces)], check=True, capture_output=True, text=True)
        credentials = json.loads(filled.stdout)["credentials"]
        with tempfile.TemporaryDirectory() as folder:
            environment = {"PATH": os.environ["PATH"], "HOME": folder, "AWS_REGION": "eu-west-1",
                           "AWS_DEFAULT_REGION": "eu-west-1", "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
                           "AWS_EC2_METADATA_DISABLED": "true", "AWS_PAGER": "", **credentials}
            environment.update({name: value for name, value in os.environ.items() if name.startswith("PYENV")})
            live = ["--assume-role", "plaudit", "--accounts", "111122223333,444455556666",
                    "--regions", "eu-west-1,us-east-1"]
            plaudit = os.path.abspath(args.plaudit)
            rows = {
                "collect": [[plaudit, "collect", "-o", os.path.join(folder, "e.json"), *live]],
                "audit": [[plaudit, "audit", "--live", *live]],
                "cli": [["aws", "ec2", f"describe-{call}", "--output", "json"] for call in CALLS],
                "boto3": [[sys.executable, "-c", BOTO3]],
            }
            best = {}
            for _ in range(args.runs):
                for name, commands in rows.items():
                    run = measure(commands, environment)
                    if name not in best or run["cpu"] < best[name]["cpu"]:
                        best[name] = run
        print(f"{args.workspaces} workspaces, least CPU of {args.runs} runs")
        print(f"{'':8} {'CPU s':>7} {'of cli':>7} {'of boto3':>8} {'MiB':>6} {'wall s':>7} {'calls':>6}")
        for name, run in best.items():
            print(f"{name:8} {run['cpu']:7.2f} {run['cpu'] / best['cli']['cpu']:7.2f} "
                  f"{run['cpu'] / best['boto3']['cpu']:8.2f} {run['peak']:6.0f} {run['wall']:7.1f} "
                  f"{run['calls'] or '12':>6}")
    finally:
        server.kill()


if __name__ == "__main__":
    main()
