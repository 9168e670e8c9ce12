//! GraphiQL from the binary, without any other host.

use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, Uri, header};
use rust_embed::{EmbeddedFile, RustEmbed};

/// The bundle that `web/build.sh` makes. A binary built without it shows [`plain`] instead.
#[derive(RustEmbed)]
#[folder = "../web/dist"]
#[allow_missing = true]
struct Bundle;

/// Scripts and styles come from here only; the editor starts workers and sets inline styles.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; \
     img-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

/// The page without the bundle; `SITE` is where the reader found it.
const PLAIN: &str = r#"<!doctype html>
<html lang="en"><meta charset="utf-8"><title>orglife</title>
<h1>orglife</h1>
<p>This binary was built without GraphiQL (run <code>web/build.sh</code> before building it). Ask with curl; this needs no
token:</p>
<pre>curl 'SITE/graphql' \
  -H 'content-type: application/json' \
  -d '{"query":"{ rulebook { title } }"}'</pre>
<p>Everything about orgs and people does; <code>orglife demo</code> writes tokens to <code>accounts.json</code> in its data
folder:</p>
<pre>curl 'SITE/graphql' \
  -H 'content-type: application/json' \
  -H 'authorization: Bearer &lt;accessToken&gt;' \
  -d '{"query":"{ viewer { id } }"}'</pre>
</html>
"#;

/// `/graphiql` without a slash would load its assets from the wrong place.
pub async fn redirect() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
    response
        .headers_mut()
        .insert(header::LOCATION, HeaderValue::from_static("graphiql/"));
    response
}

/// The page.
pub async fn page(uri: Uri, headers: HeaderMap) -> Response<Body> {
    match Bundle::get("index.html") {
        Some(file) => serve("index.html", file),
        None => with_type(
            Body::from(plain(&uri, &headers)),
            "text/html; charset=utf-8",
            "no-cache",
        ),
    }
}

fn plain(uri: &Uri, headers: &HeaderMap) -> String {
    PLAIN.replace("SITE", &site(uri, headers))
}

/// Where the reader found this page, as their own browser and the proxy in front say: it is shown to nobody else.
fn site(uri: &Uri, headers: &HeaderMap) -> String {
    let told = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let host = told.or_else(|| uri.authority().map(|authority| authority.as_str()));
    let host = host.filter(|host| is_host(host)).unwrap_or("localhost:8080");
    let proto = headers.get("x-forwarded-proto");
    let secure = proto.is_some_and(|proto| proto.as_bytes() == b"https");
    let scheme = if secure { "https" } else { "http" };
    format!("{scheme}://{host}")
}

/// Nothing that means something to HTML or to a shell, so that it can stand in both as it is.
fn is_host(host: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
    !host.is_empty() && host.bytes().all(plain)
}

/// A file of the bundle. Names hold a hash of the content, so they never change.
pub async fn asset(Path(path): Path<String>) -> Response<Body> {
    match Bundle::get(&path) {
        Some(file) => serve(&path, file),
        None => {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::NOT_FOUND;
            response
        }
    }
}

fn serve(path: &str, file: EmbeddedFile) -> Response<Body> {
    let caching = if path.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    with_type(Body::from(file.data.into_owned()), content_type(path), caching)
}

fn with_type(body: Body, content_type: &'static str, caching: &'static str) -> Response<Body> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("ttf") => "font/ttf",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page_at(host: &str, proto: Option<&'static str>) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        if let Some(proto) = proto {
            headers.insert("x-forwarded-proto", HeaderValue::from_static(proto));
        }
        plain(&Uri::from_static("/graphiql/"), &headers)
    }

    #[test]
    fn the_plain_page_names_the_address_that_it_was_found_at() {
        let page = page_at("127.0.0.1:43117", None);
        let (open, viewer) = (page.find("{ rulebook { title } }"), page.find("{ viewer { id } }"));
        assert!(
            page.contains("'http://127.0.0.1:43117/graphql'") && !page.contains("8080"),
            "{page}"
        );
        assert!(
            open.is_some() && open < viewer,
            "what needs no token comes first: {page}"
        );
        assert!(page_at("api.example", Some("https")).contains("'https://api.example/graphql'"));
        for odd in ["<script>", "a'; reboot; '", ""] {
            let page = page_at(odd, None);
            assert!(page.contains("'http://localhost:8080/graphql'"), "{odd}: {page}");
        }
    }
}
