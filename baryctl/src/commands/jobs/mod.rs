//! `baryctl jobs …`: what the daemon does by itself, what became of it, and doing it now.

pub(crate) mod cancel;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod logs;
pub(crate) mod trigger;

#[cfg(test)]
mod tests;
