//! Secrets that stand in files of their own: `x_file` gives the value of `x`.
//!
//! Neighbours: [`crate::config::reader`] keeps the places that faults name.

use std::fs;
use std::path::Path;

use crate::config::Config;
use crate::config::reader::Reader;
use crate::secret::Secret;

/// Fills every `x` from its `x_file`, then puts the database's password into its URL.
pub(super) fn read_into(config: &mut Config, reader: &mut Reader) {
    let (database, admin) = (&mut config.database, &mut config.admin);
    if let Some(text) = read(reader, "database", ["url", "url_file"], database.url_file.as_deref()) {
        match text.expose().parse() {
            Ok(url) => database.url = url,
            Err(reason) => reader.fault("database", "url_file", reason),
        }
    }
    if let Some(password) = read(reader, "database", ["password", "password_file"], database.password_file.as_deref()) {
        database.password = Some(password);
    }
    if let Some(token) = read(reader, "admin", ["token", "token_file"], admin.token_file.as_deref()) {
        admin.token = Some(token);
    }
    let key = if database.password_file.is_some() { "password_file" } else { "password" };
    if let Some(password) = &database.password
        && ["url", "url_file", "password", "password_file"].iter().all(|key| reader.is_sound("database", key))
    {
        match database.url.with_password(password) {
            Ok(url) => database.url = url,
            Err(reason) => reader.fault("database", key, reason),
        }
    }
}

/// Reads the secret of a setting from the file that another setting names, if it does.
fn read(
    reader: &mut Reader,
    section: &'static str,
    [key, key_file]: [&'static str; 2],
    path: Option<&Path>,
) -> Option<Secret> {
    let path = path?;
    if reader.is_set(section, key) {
        reader.fault(section, key_file, format!("`{key}` is given as well; remove one of the two"));
        return None;
    }
    match read_secret(path) {
        Ok(secret) => {
            reader.came_through(section, key, key_file);
            Some(secret)
        }
        Err(reason) => {
            reader.fault(section, key_file, reason);
            None
        }
    }
}

/// Reads a file that holds one secret; exactly one newline at the end is not part of it.
fn read_secret(path: &Path) -> Result<Secret, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    let text = Secret::new(text);
    let line = text.expose().strip_suffix('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    let secret = line.unwrap_or(text.expose());
    if secret.is_empty() {
        return Err(format!("{} is empty", path.display()));
    }
    Ok(Secret::new(secret))
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn one_newline_at_the_end_is_not_part_of_the_secret() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("secret");
        for (text, secret) in [("a", "a"), ("a\n", "a"), ("a\r\n", "a"), ("a\n\n", "a\n"), (" a \n", " a ")] {
            fs::write(&path, text).unwrap();
            assert_eq!(read_secret(&path).unwrap().expose(), secret);
        }
        for text in ["", "\n", "\r\n"] {
            fs::write(&path, text).unwrap();
            assert!(read_secret(&path).unwrap_err().ends_with("secret is empty"));
        }
    }
}
