//! Wire objects: typed members, and the rest kept.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Deserializer, de::Visitor};

/// A member name; borrowed unless it is spelled with escapes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key<'a>(pub(crate) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;

        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a member name")
            }

            fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Borrowed(key)))
            }

            fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Owned(key.to_owned())))
            }
        }

        deserializer.deserialize_str(KeyVisitor)
    }
}

/// Puts a member's value in its place; a member given twice is refused, because two parsers could disagree about
/// which one counts.
pub(crate) fn set<T, E: serde::de::Error>(
    slot: &mut Option<T>,
    name: &'static str,
    value: Option<T>,
) -> Result<(), E> {
    if slot.is_some() {
        return Err(E::duplicate_field(name));
    }
    *slot = value;
    Ok(())
}

/// Declares a wire object: every member is optional and may be `null`, and what isn't declared is kept in `extra`. A
/// member may go by several names, of which the first is its own.
///
/// serde's `flatten` would do the same, but buffers every value, and so loses the borrowed source text.
macro_rules! object {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident<$life:lifetime> {
            $( $(#[$field_meta:meta])* $field:ident $(= $key:literal $(| $alias:literal)*)? : $type:ty, )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Default)]
        #[allow(clippy::struct_field_names, reason = "members are named as on the wire")]
        $vis struct $name<$life> {
            $( $(#[$field_meta])* $vis $field: Option<$type>, )*
            /// Members that this type doesn't name, in their order.
            $vis extra: $crate::ir::Extra<$life>,
        }

        impl<'de: $life, $life> ::serde::Deserialize<'de> for $name<$life> {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct ObjectVisitor;

                impl<'de> ::serde::de::Visitor<'de> for ObjectVisitor {
                    type Value = $name<'de>;

                    fn expecting(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                        f.write_str("an object")
                    }

                    fn visit_map<A: ::serde::de::MapAccess<'de>>(self, mut map: A) -> Result<$name<'de>, A::Error> {
                        let mut object = $name::default();
                        while let Some(key) = map.next_key::<$crate::format::object::Key<'de>>()? {
                            match &*key.0 {
                                $( $crate::format::object::object!(@key $field $($key)?) $($(| $alias)*)? => $crate::format::object::set(
                                    &mut object.$field,
                                    $crate::format::object::object!(@key $field $($key)?),
                                    map.next_value()?,
                                )?, )*
                                _ => object.extra.push(key.0, map.next_value()?),
                            }
                        }
                        Ok(object)
                    }
                }

                deserializer.deserialize_map(ObjectVisitor)
            }
        }
    };
    (@key $field:ident) => { stringify!($field) };
    (@key $field:ident $key:literal) => { $key };
}
pub(crate) use object;

#[cfg(test)]
mod tests {
    use crate::json::{Text, read};

    object! {
        struct Thing<'a> {
            kind = "type": Text<'a>,
            size: u64,
            is_open = "isOpen" | "is_open": bool,
        }
    }

    #[test]
    fn named_members_are_typed_and_the_rest_is_kept() {
        let thing: Thing<'_> = read(r#"{"type":"box","x":[1.0, 2],"size":3}"#).unwrap();
        assert_eq!(thing.kind.unwrap(), "box");
        assert_eq!(thing.size, Some(3));
        let extra: Vec<_> = thing
            .extra
            .iter()
            .map(|member| (&*member.key, member.value.get()))
            .collect();
        assert_eq!(extra, [("x", "[1.0, 2]")]);
    }

    #[test]
    fn null_is_the_same_as_absent() {
        let thing: Thing<'_> = read(r#"{"type":null}"#).unwrap();
        assert!(thing.kind.is_none());
    }

    #[test]
    fn a_name_spelled_with_escapes_is_the_same_name() {
        let thing: Thing<'_> = read(r#"{"siz\u0065":3}"#).unwrap();
        assert_eq!(thing.size, Some(3));
    }

    #[test]
    fn a_member_may_go_by_several_names() {
        for text in [r#"{"isOpen":true}"#, r#"{"is_open":true}"#] {
            assert_eq!(read::<Thing<'_>>(text).unwrap().is_open, Some(true));
        }
        assert!(read::<Thing<'_>>(r#"{"isOpen":true,"is_open":true}"#).is_err());
    }

    #[test]
    fn a_member_given_twice_is_refused() {
        let error = read::<Thing<'_>>(r#"{"size":3,"size":4}"#).unwrap_err();
        assert!(
            error.to_string().contains("duplicate field `size`"),
            "{error}"
        );
    }
}
