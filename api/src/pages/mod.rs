//! Pages for people without an app: written on the server, without scripts, fit for the printer.

mod html;
pub mod register;
