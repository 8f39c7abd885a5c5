//! Who is let in, decided by the head of a request alone. Without a token a server answers only those who mean this machine: a web page
//! of anybody's can make a browser ask `127.0.0.1`, but it cannot choose the `Host` and `Origin` that the browser sends.

use super::token::Token;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use std::net::IpAddr;

/// What a server asks of the head of a request.
pub(super) struct AccessRules {
    /// What clients must send, if anything.
    pub token: Option<Token>,
    /// Names beside those of this machine that `Host` and `Origin` may have.
    pub hosts: Vec<String>,
    /// Whether any `Host` is taken: the server was opened to others on purpose.
    pub any_host: bool,
}

/// Why a request is not let in.
pub(super) type Refusal = (StatusCode, String);

impl AccessRules {
    /// Whether a request is let in; `open` paths, which only tell that the server is there, need no token and take any host.
    pub fn check(&self, uri: &Uri, headers: &HeaderMap, open: bool) -> Result<(), Refusal> {
        match &self.token {
            Some(token) if !open && !bearer(headers).is_some_and(|given| token.is(given)) => {
                return Err((StatusCode::UNAUTHORIZED, "a token is needed: Authorization: Bearer …".to_owned()));
            }
            Some(_) => {}
            None if open => {}
            None => self.check_place(uri, headers)?,
        }
        let expect = text(headers, header::EXPECT);
        if !expect.is_empty() && !expect.eq_ignore_ascii_case("100-continue") {
            let text = format!("Expect: {expect} can't be met; only 100-continue is");
            return Err((StatusCode::EXPECTATION_FAILED, text));
        }
        let encoding = text(headers, header::CONTENT_ENCODING);
        if !encoding.is_empty() && !encoding.eq_ignore_ascii_case("identity") {
            let text = format!("Content-Encoding {encoding} is not read here; send the body as it is");
            return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, text));
        }
        Ok(())
    }

    fn check_place(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
        let hosts = headers.get_all(header::HOST).iter().map(|host| host.to_str().unwrap_or("?"));
        let known = hosts.chain(uri.authority().map(|a| a.as_str())).all(|host| self.is_known(host));
        if !known && !self.any_host {
            return Err((
                StatusCode::FORBIDDEN,
                "this Host is not one of this machine; the server takes others with --allow-host or a token".to_owned(),
            ));
        }
        let mut origins = headers.get_all(header::ORIGIN).iter().map(|origin| origin.to_str().unwrap_or("?"));
        let page = |origin: &str| origin.split_once("://").is_some_and(|(_, host)| self.is_known(host));
        if !origins.all(page) {
            return Err((
                StatusCode::FORBIDDEN,
                "a page of another Origin asks; the server takes it with --allow-host or a token".to_owned(),
            ));
        }
        Ok(())
    }

    /// Whether a host, with its port or without, is this machine or one of the names that are allowed.
    fn is_known(&self, host: &str) -> bool {
        let name = host_name(host);
        let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        address.is_ok_and(|address| address.is_loopback())
            || name == "localhost"
            || self.hosts.iter().any(|allowed| host_name(allowed) == name)
    }
}

/// The value of a header; empty where it is missing or not a text.
pub(super) fn text(headers: &HeaderMap, name: header::HeaderName) -> &str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// The token of a request; the scheme's name may be in letters of any size.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = text(headers, header::AUTHORIZATION).split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim_start())
}

/// The name of a host as names are compared: without a port and the dot that ends it, in small letters.
fn host_name(host: &str) -> String {
    without_port(host).trim_end_matches('.').to_ascii_lowercase()
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !name.ends_with(':') => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(access: &AccessRules, pairs: &[(header::HeaderName, &str)]) -> u16 {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(name, value.parse().unwrap());
        }
        let uri = Uri::from_static("/invocations");
        access.check(&uri, &headers, false).map_or_else(|(status, _)| status.as_u16(), |()| 200)
    }

    #[test]
    fn without_a_token_only_this_machine_is_meant() {
        let here = AccessRules { token: None, hosts: vec!["Models.example.:8443".to_owned()], any_host: false };
        for host in [
            "127.0.0.1:8080",
            "localhost",
            "LOCALHOST:80",
            "[::1]:8080",
            "127.9.9.9",
            "models.example:443",
            "localhost.",
        ] {
            assert_eq!(checked(&here, &[(header::HOST, host)]), 200, "{host}");
            assert_eq!(checked(&here, &[(header::ORIGIN, &format!("http://{host}"))]), 200, "{host}");
        }
        for host in ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8080", "192.168.1.1", "", "null"]
        {
            assert_eq!(checked(&here, &[(header::HOST, host)]), 403, "{host}");
            assert_eq!(
                checked(&here, &[(header::HOST, "localhost"), (header::ORIGIN, &format!("https://{host}"))]),
                403
            );
        }
        assert_eq!(checked(&here, &[(header::ORIGIN, "null")]), 403);
        assert_eq!(checked(&here, &[(header::HOST, "localhost"), (header::HOST, "evil.example")]), 403);
        let two = [(header::ORIGIN, "http://localhost"), (header::ORIGIN, "http://evil.example")];
        assert_eq!(checked(&here, &two), 403);
        assert_eq!(checked(&here, &[]), 200, "no browser leaves both out");
        let opened = AccessRules { any_host: true, ..here };
        assert_eq!(checked(&opened, &[(header::HOST, "anything")]), 200);
        assert_eq!(checked(&opened, &[(header::ORIGIN, "http://evil.example")]), 403, "still no page of anybody's");
    }

    #[test]
    fn a_token_is_enough_and_expectations_are_met_or_refused() {
        let token = Token::new("s3cret".to_owned()).unwrap();
        let closed = AccessRules { token, hosts: Vec::new(), any_host: false };
        for (sent, status) in
            [("Bearer s3cret", 200), ("bearer s3cret", 200), ("BEARER  s3cret", 200), ("Basic s3cret", 401), ("", 401)]
        {
            assert_eq!(
                checked(&closed, &[(header::AUTHORIZATION, sent), (header::HOST, "any.example")]),
                status,
                "{sent}"
            );
        }
        let here = AccessRules { token: None, ..closed };
        assert_eq!(checked(&here, &[(header::EXPECT, "100-Continue")]), 200);
        assert_eq!(checked(&here, &[(header::EXPECT, "foo")]), 417);
        assert_eq!(checked(&here, &[(header::CONTENT_ENCODING, "gzip")]), 415);
    }
}
