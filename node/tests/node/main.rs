//! The `playfair` command as a process: started, asked, overloaded, stopped, killed and started again.

mod browser;
mod config;
mod crash;
mod description;
mod dev;
mod guide;
mod operator;
mod overload;
mod page;
mod proving;
mod scene;
mod server;
mod subscribers;
