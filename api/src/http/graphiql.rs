//! GraphiQL from the binary, without any other host.

use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderValue, Response, StatusCode, header};
use rust_embed::{EmbeddedFile, RustEmbed};

/// The bundle that `web/build.sh` makes. A binary built without it shows [`PLAIN`] instead.
#[derive(RustEmbed)]
#[folder = "../web/dist"]
#[allow_missing = true]
struct Bundle;

/// Scripts and styles come from here only; the editor starts workers and sets inline styles.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; \
     img-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

const PLAIN: &str = r#"<!doctype html>
<html lang="en"><meta charset="utf-8"><title>orglife</title>
<h1>orglife</h1>
<p>This binary was built without GraphiQL (run <code>web/build.sh</code> before building it). Ask with curl:</p>
<pre>curl http://localhost:8080/graphql \
  -H 'content-type: application/json' \
  -H 'authorization: Bearer &lt;accessToken of signIn&gt;' \
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
pub async fn page() -> Response<Body> {
    match Bundle::get("index.html") {
        Some(file) => serve("index.html", file),
        None => with_type(Body::from(PLAIN), "text/html; charset=utf-8", "no-cache"),
    }
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
