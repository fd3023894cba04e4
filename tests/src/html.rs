//! Reads the forms of a page: just enough HTML to sign in without a browser.

/// A form with the values that it would send.
#[derive(Debug, Default, Clone)]
pub struct Form {
    /// Where it goes; empty for the page's own address.
    pub action: String,
    /// The names and values of its inputs.
    pub fields: Vec<(String, String)>,
    /// Its buttons: id, name and value.
    pub buttons: Vec<(String, String, String)>,
}

impl Form {
    /// Whether the form has an input of this name.
    pub fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(field, _)| field == name)
    }

    /// Whether the form has a button of this id.
    pub fn has_button(&self, id: &str) -> bool {
        self.buttons.iter().any(|(button, _, _)| button == id)
    }

    /// Fills in an input.
    pub fn set(&mut self, name: &str, value: &str) {
        self.fields.retain(|(field, _)| field != name);
        self.fields.push((name.to_owned(), value.to_owned()));
    }

    /// Presses a button: its name and value go along with the form.
    pub fn press(&mut self, id: &str) {
        let pressed = self.buttons.iter().find(|(button, _, _)| button == id);
        match pressed.cloned() {
            Some((_, name, value)) if !name.is_empty() => self.fields.push((name, value)),
            Some(_) => {}
            None => panic!("the form has no button {id}: {self:?}"),
        }
    }
}

/// Returns the forms of a page that are sent by POST.
pub fn forms(page: &str) -> Vec<Form> {
    let mut forms = Vec::new();
    let mut open: Option<Form> = None;
    for tag in tags(page) {
        let value = |name: &str| attribute(tag, name).unwrap_or_default();
        match (name_of(tag).as_str(), open.as_mut()) {
            ("form", _) if value("method").eq_ignore_ascii_case("post") => {
                open = Some(Form { action: value("action"), ..Form::default() });
            }
            ("/form", Some(_)) => forms.extend(open.take()),
            ("input", Some(form)) => {
                let kind = value("type");
                let unchecked = matches!(kind.as_str(), "checkbox" | "radio") && attribute(tag, "checked").is_none();
                if kind == "submit" {
                    form.buttons.push((value("id"), value("name"), value("value")));
                } else if !unchecked && !value("name").is_empty() {
                    form.fields.push((value("name"), value("value")));
                }
            }
            ("button", Some(form)) => {
                form.buttons.push((value("id"), value("name"), value("value")));
            }
            _ => {}
        }
    }
    forms
}

fn tags(page: &str) -> impl Iterator<Item = &str> {
    page.split('<').skip(1).filter_map(|rest| rest.split_once('>').map(|(tag, _)| tag))
}

fn name_of(tag: &str) -> String {
    tag.split([' ', '\n', '\t', '\r']).next().unwrap_or_default().to_ascii_lowercase()
}

/// Returns an attribute's value; an attribute without one is empty.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let mut rest = tag.split_once(char::is_whitespace)?.1.trim_start();
    while !rest.is_empty() {
        let end = rest.find(|character: char| character == '=' || character.is_whitespace()).unwrap_or(rest.len());
        let (found, after) = rest.split_at(end);
        let (value, next) = match after.strip_prefix('=') {
            None => ("", after),
            Some(quoted) if quoted.starts_with(['"', '\'']) => {
                let (quote, body) = quoted.split_at(1);
                body.split_once(quote).unwrap_or((body, ""))
            }
            Some(bare) => bare.split_once(char::is_whitespace).unwrap_or((bare, "")),
        };
        if found.eq_ignore_ascii_case(name) {
            return Some(unescape(value));
        }
        rest = next.trim_start().trim_start_matches('/').trim_start();
    }
    None
}

fn unescape(text: &str) -> String {
    let mut plain = text.to_owned();
    for (entity, character) in [
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&#60;", "<"),
        ("&lt;", "<"),
        ("&#62;", ">"),
        ("&gt;", ">"),
        ("&#38;", "&"),
        ("&amp;", "&"),
    ] {
        plain = plain.replace(entity, character);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::forms;

    #[test]
    fn a_form_is_read_with_its_hidden_fields_and_buttons() {
        let page = "<p><form method=\"post\" action='/login?a=1&amp;b=2'>\n<input type=hidden name=csrf value=\"x&quot;y\">\
                    <input name='username' required autofocus/><input type=checkbox name=no>\
                    <button id=login-submit name=step value=go>Log in</button></form>";
        let found = forms(page);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].action, "/login?a=1&b=2");
        assert_eq!(found[0].fields, [("csrf".to_owned(), "x\"y".to_owned()), ("username".to_owned(), String::new())]);
        assert!(found[0].has_button("login-submit"));
    }
}
