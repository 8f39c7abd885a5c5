//! A running `mlops serve` on a free port, and an HTTP client small enough to send what no client would.

use super::{Output, TestProject};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A server that ends with the test.
pub struct Server {
    child: Option<Child>,
    address: SocketAddr,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    /// By name in small letters.
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

/// A connection that is kept open between requests.
pub struct Connection {
    stream: BufReader<TcpStream>,
}

impl Server {
    /// Starts `mlops serve ARGS --port 0` and waits for its first line.
    pub fn start(project: &TestProject, args: &[&str]) -> Self {
        Server::of(project.command(&[&["serve"], args, &["--port", "0"]].concat()))
    }

    /// Starts a command that serves.
    pub fn of(command: Command) -> Self {
        Server::of_or_end(command).unwrap_or_else(|end| panic!("it does not serve: {end}"))
    }

    /// Starts a command that serves, or says how it ended instead.
    pub fn of_or_end(mut command: Command) -> Result<Self, Output> {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://").and_then(|a| a.parse().ok());
        match address {
            Some(address) => Ok(Server { child: Some(child), address }),
            None => Err(ended(child)),
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn process(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    pub fn connect(&self) -> Connection {
        let stream = TcpStream::connect(self.address).unwrap();
        // A server that does not answer fails the test instead of holding it up.
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream.set_nodelay(true).unwrap();
        Connection { stream: BufReader::new(stream) }
    }

    pub fn get(&self, path: &str) -> Reply {
        self.connect().request("GET", path, &[], b"")
    }

    pub fn post(&self, path: &str, content_type: &str, body: impl AsRef<[u8]>) -> Reply {
        self.connect().request("POST", path, &[("Content-Type", content_type)], body.as_ref())
    }

    /// Posts JSON and expects this status.
    pub fn json(&self, status: u16, path: &str, body: &Value) -> Value {
        self.post(path, "application/json", body.to_string()).expect(status).json()
    }

    /// Posts to `/invocations` and gives the predictions.
    pub fn predict(&self, body: &Value) -> Vec<Value> {
        self.json(200, "/invocations", body)["predictions"].as_array().unwrap().clone()
    }

    /// Asks the server to end, as a container's runtime does, without waiting.
    pub fn terminate(&self) {
        let sent = Command::new("kill").args(["-TERM", &self.process().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Ends the server as a crash would.
    pub fn kill(mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// SIGTERM, or what is left to do after it, and the wait for the end.
    pub fn stop(mut self) -> Output {
        self.terminate();
        ended(self.child.take().unwrap())
    }

    /// Waits for the end of a server that was asked to end.
    pub fn wait(mut self) -> Output {
        ended(self.child.take().unwrap())
    }

    /// Ends the server and expects that nothing went wrong on the way: no panic, no error.
    pub fn stop_clean(self) {
        let output = self.stop();
        // That a row is older than the online store is said once, and is nothing wrong.
        let is_expected = |line: &str| line.contains("rows are older than what the online store keeps");
        assert!(output.code == 0 && output.stderr.lines().all(is_expected), "{output}");
    }
}

fn ended(child: Child) -> Output {
    let output = child.wait_with_output().unwrap();
    Output {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Connection {
    /// Sends bytes as they are.
    pub fn send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.get_mut().write_all(bytes)
    }

    /// Sends a whole request without waiting for the answer.
    pub fn ask(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> std::io::Result<()> {
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n", body.len());
        headers.iter().for_each(|(name, value)| head.push_str(&format!("{name}: {value}\r\n")));
        self.send(&[head.as_bytes(), b"\r\n", body].concat())
    }

    /// The next answer; an error if the server closed the connection.
    pub fn reply(&mut self) -> std::io::Result<Reply> {
        let closed = || std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
        let line = |stream: &mut BufReader<TcpStream>| -> std::io::Result<String> {
            let mut line = String::new();
            if stream.read_line(&mut line)? == 0 { Err(closed()) } else { Ok(line.trim_end().to_owned()) }
        };
        let first = line(&mut self.stream)?;
        let status = first.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or_else(|| panic!("{first:?}"));
        let mut headers = BTreeMap::new();
        loop {
            let text = line(&mut self.stream)?;
            let Some((name, value)) = text.split_once(':') else { break };
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        let length = headers.get("content-length").map_or(0, |l| l.parse().unwrap());
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok(Reply { status, headers, body: String::from_utf8(body).unwrap() })
    }

    /// Whether something of an answer has come already.
    pub fn has_reply(&self) -> bool {
        let stream = self.stream.get_ref();
        stream.set_nonblocking(true).unwrap();
        let found = stream.peek(&mut [0]).is_ok_and(|count| count > 0);
        stream.set_nonblocking(false).unwrap();
        found
    }

    /// Sends a request and waits for its answer.
    pub fn request(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        // A server that refuses a body may close before all of it is sent; its answer is there all the same.
        let _ = self.ask(method, path, headers, body);
        self.reply().unwrap_or_else(|e| panic!("{method} {path}: {e}"))
    }

    /// Whether the server has closed the connection; waits for it.
    pub fn is_closed(&mut self) -> bool {
        let mut rest = Vec::new();
        match self.stream.read_to_end(&mut rest) {
            Ok(_) => true,
            Err(e) => e.kind() == std::io::ErrorKind::ConnectionReset,
        }
    }
}

impl Reply {
    /// Expects this status.
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("not JSON: {e}\n{self:?}"))
    }
}
