//! The edge against a toy schema, over a real listener on the loopback.

mod over_http;
mod over_shared_stream;
mod over_socket;
mod over_stream;
mod toy;
