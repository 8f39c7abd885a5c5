//! A file in another encoding, as UTF-8.

use encoding_rs::{Decoder, DecoderResult, Encoding};
use std::fs::File;
use std::io::{Error, ErrorKind, Read, Result};

/// Bytes that are decoded at once.
const CHUNK: usize = 64 << 10;

/// The bytes of a file as UTF-8. A byte order mark overrules the encoding.
pub(super) fn utf8(file: File, encoding: Option<&'static Encoding>) -> Box<dyn Read + Send> {
    match encoding {
        None => Box::new(file),
        Some(encoding) => Box::new(Decoded::new(file, encoding)),
    }
}

struct Decoded<R> {
    reader: R,
    decoder: Decoder,
    text: String,
    /// What of the text was handed out.
    taken: usize,
    ended: bool,
}

impl<R: Read> Decoded<R> {
    fn new(reader: R, encoding: &'static Encoding) -> Self {
        Decoded { reader, decoder: encoding.new_decoder(), text: String::new(), taken: 0, ended: false }
    }

    fn decode_more(&mut self) -> Result<()> {
        let mut bytes = Vec::with_capacity(CHUNK);
        self.reader.by_ref().take(CHUNK as u64).read_to_end(&mut bytes)?;
        self.ended = bytes.len() < CHUNK;
        self.text.clear();
        self.taken = 0;
        let most = self.decoder.max_utf8_buffer_length_without_replacement(bytes.len());
        self.text.reserve(most.unwrap_or(4 * CHUNK));
        match self.decoder.decode_to_string_without_replacement(&bytes, &mut self.text, self.ended) {
            (DecoderResult::InputEmpty, _) => Ok(()),
            _ => {
                let name = self.decoder.encoding().name();
                Err(Error::new(ErrorKind::InvalidData, format!("the text is not {name}")))
            }
        }
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        while self.taken == self.text.len() && !self.ended {
            self.decode_more()?;
        }
        let rest = self.text.as_bytes().get(self.taken..).unwrap_or_default();
        let length = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..length), rest.get(..length)) {
            to.copy_from_slice(from);
        }
        self.taken += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8], label: &str) -> Result<String> {
        let mut text = String::new();
        Decoded::new(bytes, Encoding::for_label(label.as_bytes()).unwrap()).read_to_string(&mut text)?;
        Ok(text)
    }

    #[test]
    fn a_text_is_the_same_in_every_encoding() {
        let wide: Vec<u8> = "é€😀,\n".repeat(40_000).encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decoded(&wide, "utf-16").unwrap(), "é€😀,\n".repeat(40_000));
        let big: Vec<u8> = "\u{feff}a,é".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(decoded(&big, "utf-16").unwrap(), "a,é", "the mark says which byte comes first");
        assert_eq!(decoded(b"caf\xe9;\x80", "latin1").unwrap(), "café;€", "as browsers read it");
        assert_eq!(decoded(b"", "latin1").unwrap(), "");
        assert!(decoded(b"a\x81\xff", "shift_jis").unwrap_err().to_string().contains("the text is not Shift_JIS"));
        assert!(decoded(b"\x00", "utf-16").is_err(), "half a letter");
    }
}
