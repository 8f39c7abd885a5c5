//! How a text is kept from being read as anything else than text: on a terminal, in Markdown, in HTML, SVG and XML.
//!
//! Names of columns, files and models come from wherever the data came from. None of them may move the cursor, close an
//! element or start a table.

/// Text for a terminal: line breaks and tabs become spaces, other characters that steer a terminal `�`.
pub fn terminal(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\t' | '\n' | '\r' => ' ',
            c if steers(c) => char::REPLACEMENT_CHARACTER,
            c => c,
        })
        .collect()
}

/// The same, but line breaks and tabs stay: for what was laid out in lines.
pub fn terminal_lines(text: &str) -> String {
    text.chars().map(|c| if steers(c) && !matches!(c, '\n' | '\t') { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// JSON in which what would steer a terminal is written as `\u….`: JSON itself asks for that only of the first 32 characters.
pub fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if steers(c) && c != '\n' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

/// Whether a terminal does something else than show this character: control characters, escape sequences among them, and what turns
/// the direction of the text that follows.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Text for HTML, SVG and XML, in content and in quoted attributes; control characters that XML forbids are left out.
pub fn markup(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}

/// Text for a line or a table's cell of GitHub's Markdown. A `_` inside a word means nothing there and stays as it is, so
/// that names of columns can be read in the source too.
pub fn markdown(text: &str) -> String {
    let text = terminal(text);
    let chars: Vec<char> = text.trim().chars().collect();
    let word = |at: Option<&char>| at.is_some_and(|c| c.is_alphanumeric() || *c == '_');
    // `1.` and `1)` at the start of a line would begin a list.
    let number = chars.iter().take_while(|c| c.is_ascii_digit()).count();
    let mut out = String::with_capacity(text.len());
    for (at, c) in chars.iter().enumerate() {
        let special = match c {
            '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '$' | '#' => true,
            '_' => at == 0 || !word(chars.get(at - 1)) || !word(chars.get(at + 1)),
            '-' | '+' | '=' => at == 0 && chars.get(1).is_none_or(|next| next.is_whitespace() || next == c),
            '.' | ')' => number > 0 && at == number && chars.get(at + 1).is_none_or(|next| next.is_whitespace()),
            _ => false,
        };
        if special {
            out.push('\\');
        }
        out.push(*c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_gets_no_control_characters() {
        assert_eq!(terminal("a\u{1b}[2Jb\nc\u{9b}d"), "a�[2Jb c�d");
        assert_eq!(terminal("Zürich 東京"), "Zürich 東京");
    }

    #[test]
    fn markup_has_no_element_and_no_quote() {
        assert_eq!(markup("<a href='x'>&\"\u{0}"), "&lt;a href=&#39;x&#39;&gt;&amp;&quot;");
    }

    #[test]
    fn markdown_has_no_table_link_list_or_emphasis() {
        let cases = [
            ("a|b", "a\\|b"),
            ("[x](http://y)", "\\[x\\](http://y)"),
            ("*b* `c` <d>", "\\*b\\* \\`c\\` \\<d\\>"),
            ("# title", "\\# title"),
            ("- item", "\\- item"),
            ("1. item", "1\\. item"),
            ("1.5", "1.5"),
            ("-1.5", "-1.5"),
            ("---", "\\---"),
            ("two\nlines", "two lines"),
            ("weather__temp_1d", "weather__temp_1d"),
            ("_all_ of it", "\\_all\\_ of it"),
            ("    code", "code"),
        ];
        for (text, expected) in cases {
            assert_eq!(markdown(text), expected);
        }
    }
}
