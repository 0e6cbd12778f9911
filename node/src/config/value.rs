//! Kinds of values: how each is read from what somebody wrote, and written so that it can be read again.

use super::{Format, Page};
use http::HeaderValue;
use playfair_http::{Fingerprint, Origins};
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;
use toml::de::DeValue;

/// What somebody wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Given {
    /// A whole number, as text: it may be larger than any of ours.
    Number(String),
    /// Text.
    Text(String),
    /// True or false.
    Truth(bool),
    /// Several.
    List(Vec<Given>),
    /// Something that no setting takes.
    Other(&'static str),
}

impl Given {
    /// From a flag or a variable: a number, `true`, `[a, b]`, text in quotes, or else the text as it stands.
    pub(super) fn of_text(text: &str) -> Self {
        match DeValue::parse(text) {
            Ok(value) => match Self::of_toml(value.get_ref()) {
                Self::Other(_) => Self::Text(text.to_owned()),
                given => given,
            },
            Err(_) => Self::Text(text.to_owned()),
        }
    }

    pub(super) fn of_toml(value: &DeValue<'_>) -> Self {
        match value {
            DeValue::String(text) => Self::Text(text.to_string()),
            DeValue::Integer(number) if number.radix() == 10 => Self::Number(number.as_str().to_owned()),
            DeValue::Boolean(truth) => Self::Truth(*truth),
            DeValue::Array(values) => Self::List(
                values
                    .iter()
                    .map(|value| Self::of_toml(value.get_ref()))
                    .collect(),
            ),
            other => Self::Other(other.type_str()),
        }
    }
}

impl fmt::Display for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => f.write_str(number),
            Self::Text(text) => f.write_str(&quoted(text)),
            Self::Truth(truth) => write!(f, "{truth}"),
            Self::List(values) => {
                let values: Vec<String> = values.iter().map(ToString::to_string).collect();
                write!(f, "[{}]", values.join(", "))
            }
            Self::Other(kind) => write!(f, "({kind})"),
        }
    }
}

/// Text as TOML writes it.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => out.extend(['\\', letter]),
            control if control.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(control))),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

/// A place that a setting is read into and written from.
pub(super) trait Value {
    /// Takes what was given, or says what would be right.
    fn read(&mut self, given: &Given) -> Result<(), String>;
    /// As TOML; none where there is nothing.
    fn write(&self) -> Option<String>;
}

impl<V: Value + ?Sized> Value for &mut V {
    fn read(&mut self, given: &Given) -> Result<(), String> {
        (**self).read(given)
    }

    fn write(&self) -> Option<String> {
        (**self).write()
    }
}

fn expected<T>(what: &str) -> Result<T, String> {
    Err(format!("{what} belongs here"))
}

/// A whole number within bounds.
pub(super) struct Number<'a, T>(pub(super) &'a mut T, pub(super) RangeInclusive<u64>);

impl<T: TryFrom<u64> + Copy + TryInto<u64>> Value for Number<'_, T> {
    fn read(&mut self, given: &Given) -> Result<(), String> {
        let (from, to) = (self.1.start(), self.1.end());
        let wrong = || match *to {
            u64::MAX => format!("a whole number from {from} belongs here"),
            _ => format!("a whole number from {from} to {to} belongs here"),
        };
        let Given::Number(digits) = given else {
            return Err(wrong());
        };
        let number = digits
            .replace('_', "")
            .parse()
            .ok()
            .filter(|number| self.1.contains(number));
        let number = number.and_then(|number: u64| T::try_from(number).ok());
        *self.0 = number.ok_or_else(wrong)?;
        Ok(())
    }

    fn write(&self) -> Option<String> {
        (*self.0).try_into().ok().map(|number: u64| number.to_string())
    }
}

impl Value for bool {
    fn read(&mut self, given: &Given) -> Result<(), String> {
        match given {
            Given::Truth(truth) => *self = *truth,
            _ => return expected("true or false"),
        }
        Ok(())
    }

    fn write(&self) -> Option<String> {
        Some(self.to_string())
    }
}

/// A time in milliseconds.
pub(super) struct Millis<'a>(pub(super) &'a mut Duration);

impl Value for Millis<'_> {
    fn read(&mut self, given: &Given) -> Result<(), String> {
        let mut ms = 0u64;
        // From too little to do anything in to a day.
        Number(&mut ms, 1..=86_400_000).read(given)?;
        *self.0 = Duration::from_millis(ms);
        Ok(())
    }

    fn write(&self) -> Option<String> {
        Some(self.0.as_millis().to_string())
    }
}

impl Value for PathBuf {
    fn read(&mut self, given: &Given) -> Result<(), String> {
        match given {
            Given::Text(text) | Given::Number(text) if !text.is_empty() && !text.contains('\0') => {
                *self = text.into()
            }
            _ => return expected("a path"),
        }
        Ok(())
    }

    fn write(&self) -> Option<String> {
        Some(quoted(&self.to_string_lossy()))
    }
}

impl Value for SocketAddr {
    fn read(&mut self, given: &Given) -> Result<(), String> {
        let Given::Text(text) = given else {
            return expected("an address with a port, as 127.0.0.1:8480,");
        };
        match text.parse() {
            Ok(address) => *self = address,
            Err(_) => return expected("an address with a port, as 127.0.0.1:8480 or [::1]:8480,"),
        }
        Ok(())
    }

    fn write(&self) -> Option<String> {
        Some(quoted(&self.to_string()))
    }
}

impl Value for Page {
    fn read(&mut self, given: &Given) -> Result<(), String> {
        *self = match given {
            Given::Text(text) if text.is_empty() => Self::Beside,
            Given::Text(text) if text == "none" => Self::None,
            given => {
                let mut folder = PathBuf::new();
                folder.read(given)?;
                Self::In(folder)
            }
        };
        Ok(())
    }

    fn write(&self) -> Option<String> {
        match self {
            Self::Beside => None,
            Self::None => Some(quoted("none")),
            Self::In(folder) => folder.write(),
        }
    }
}

/// Words or nothing; `""` is nothing.
pub(super) struct Words<'a>(pub(super) &'a mut Option<String>);

impl Value for Words<'_> {
    fn read(&mut self, given: &Given) -> Result<(), String> {
        match given {
            Given::Text(text) | Given::Number(text) if !text.contains('\0') => {
                *self.0 = Some(text.clone()).filter(|text| !text.is_empty());
                Ok(())
            }
            _ => expected("text"),
        }
    }

    fn write(&self) -> Option<String> {
        self.0.as_deref().map(quoted)
    }
}

/// Something or nothing; `""` is nothing, so that a layer can take away what a lower one gave.
pub(super) struct Maybe<'a, T>(pub(super) &'a mut Option<T>, pub(super) fn() -> T);

impl<T: Value> Value for Maybe<'_, T> {
    fn read(&mut self, given: &Given) -> Result<(), String> {
        *self.0 = match given {
            Given::Text(text) if text.is_empty() => None,
            given => {
                let mut value = (self.1)();
                value.read(given)?;
                Some(value)
            }
        };
        Ok(())
    }

    fn write(&self) -> Option<String> {
        self.0.as_ref().and_then(Value::write)
    }
}

impl Value for Vec<IpAddr> {
    fn read(&mut self, given: &Given) -> Result<(), String> {
        let Given::List(values) = given else {
            return expected("a list of addresses, as [\"10.0.0.1\"],");
        };
        let address = |value: &Given| match value {
            Given::Text(text) => text
                .parse()
                .map_err(|_| format!("{value} is no address without port")),
            other => Err(format!("{other} is no address")),
        };
        *self = values.iter().map(address).collect::<Result<_, _>>()?;
        Ok(())
    }

    fn write(&self) -> Option<String> {
        let addresses: Vec<String> = self.iter().map(|ip| quoted(&ip.to_string())).collect();
        Some(format!("[{}]", addresses.join(", ")))
    }
}

impl Value for Origins {
    fn read(&mut self, given: &Given) -> Result<(), String> {
        let wrong = "\"any\" or a list of origins, as [\"https://play.example\"],";
        *self = match given {
            Given::Text(text) if text == "any" => Self::Any,
            Given::List(values) => {
                let origin = |value: &Given| match value {
                    Given::Text(text) if is_origin(text) => HeaderValue::from_str(text).ok(),
                    _ => None,
                };
                match values.iter().map(origin).collect::<Option<_>>() {
                    Some(origins) => Self::Only(origins),
                    None => return expected(wrong),
                }
            }
            _ => return expected(wrong),
        };
        Ok(())
    }

    fn write(&self) -> Option<String> {
        Some(match self {
            Self::Any => quoted("any"),
            Self::Only(list) => {
                let origins = list
                    .iter()
                    .map(|origin| quoted(origin.to_str().unwrap_or_default()));
                format!("[{}]", origins.collect::<Vec<_>>().join(", "))
            }
        })
    }
}

/// As browsers write it: a scheme and a host, and nothing after it.
fn is_origin(text: &str) -> bool {
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    host.is_some_and(|host| !host.is_empty() && !host.contains(['/', '*', ' ', ',']) && host.is_ascii())
}

impl Value for Format {
    fn read(&mut self, given: &Given) -> Result<(), String> {
        *self = match given {
            Given::Text(text) if text == "text" => Self::Text,
            Given::Text(text) if text == "json" => Self::Json,
            _ => return expected("\"text\" or \"json\""),
        };
        Ok(())
    }

    fn write(&self) -> Option<String> {
        Some(quoted(self.name()))
    }
}

/// What is logged.
pub(super) struct Level<'a>(pub(super) &'a mut String);

impl Value for Level<'_> {
    fn read(&mut self, given: &Given) -> Result<(), String> {
        let wrong = "error, warn, info, debug or trace, or targets as \"info,playfair_http=debug\",";
        match given {
            Given::Text(text) if crate::server::log::is_filter(text) => *self.0 = text.clone(),
            _ => return expected(wrong),
        }
        Ok(())
    }

    fn write(&self) -> Option<String> {
        Some(quoted(self.0))
    }
}

/// The address of a node; `""` is none.
pub(super) struct Address<'a>(pub(super) &'a mut Option<String>);

impl Value for Address<'_> {
    fn read(&mut self, given: &Given) -> Result<(), String> {
        let begins = ["http://", "https://", "unix:/"];
        *self.0 = match given {
            Given::Text(text) if text.is_empty() => None,
            Given::Text(text) if begins.iter().any(|begin| text.starts_with(begin)) => Some(text.clone()),
            _ => return expected("http://host:port, https://host:port or unix:/path"),
        };
        Ok(())
    }

    fn write(&self) -> Option<String> {
        self.0.as_deref().map(quoted)
    }
}

/// A certificate's fingerprint; `""` is none.
pub(super) struct Pin<'a>(pub(super) &'a mut Option<Fingerprint>);

impl Value for Pin<'_> {
    fn read(&mut self, given: &Given) -> Result<(), String> {
        *self.0 = match given {
            Given::Text(text) if text.is_empty() => None,
            // Sixty-four digits without a letter look like a number.
            Given::Text(text) | Given::Number(text) => {
                let bytes = playfair_host::hex::decode(text).and_then(|bytes| bytes.try_into().ok());
                match bytes {
                    Some(bytes) => Some(Fingerprint(bytes)),
                    None => return expected("a SHA-256, 64 hexadecimal digits,"),
                }
            }
            _ => return expected("a SHA-256, 64 hexadecimal digits,"),
        };
        Ok(())
    }

    fn write(&self) -> Option<String> {
        self.0.map(|pin| quoted(&pin.to_string()))
    }
}
