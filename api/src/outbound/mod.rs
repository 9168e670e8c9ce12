//! What the house says to the outside of its own accord: which networks may be reached ([`networks`]), what an address must look
//! like ([`address`]), whose certificates are believed ([`authorities`]), and the one way a request goes out ([`sender`]). It
//! knows no domain and no database.

pub mod address;
pub mod authorities;
pub mod networks;
pub mod sender;
