//! Integers, `bool`, options, arrays, tuples.

use super::{Codec, DecodeError, Reader, Writer};
use crate::abi::Type;

macro_rules! integers {
    ($($int:ident)*) => {$(
        impl Codec for $int {
            const MAX: usize = size_of::<Self>();
            const TYPE: &'static Type = &Type::Builtin(stringify!($int));

            #[inline(always)]
            fn encode(&self, to: &mut Writer<'_>) {
                to.put(&self.to_le_bytes());
            }

            #[inline(always)]
            fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
                from.array().map(|bytes| Self::from_le_bytes(*bytes))
            }

            #[inline(always)]
            fn decode_array<const N: usize>(from: &mut Reader<'_>) -> Result<[Self; N], DecodeError> {
                let (chunks, _) = from.take(N * size_of::<Self>())?.as_chunks();
                let chunks: &[[u8; size_of::<Self>()]; N] = chunks.try_into().map_err(|_| DecodeError::Length)?;
                Ok(core::array::from_fn(|at| Self::from_le_bytes(chunks[at])))
            }

            #[inline(always)]
            fn encode_slice(values: &[Self], to: &mut Writer<'_>) {
                integers!(@slice $int, values, to);
            }
        }
    )*};
    (@slice u8, $values:ident, $to:ident) => { $to.put($values) };
    (@slice $int:ident, $values:ident, $to:ident) => {
        for value in $values {
            value.encode($to);
        }
    };
}

integers!(u8 u16 u32 u64 u128 i8 i16 i32 i64 i128);

impl Codec for bool {
    const MAX: usize = 1;
    const TYPE: &'static Type = &Type::Builtin("bool");

    #[inline(always)]
    fn encode(&self, to: &mut Writer<'_>) {
        to.put(&[u8::from(*self)]);
    }

    #[inline(always)]
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match from.array()? {
            [0] => Ok(false),
            [1] => Ok(true),
            _ => Err(DecodeError::Value),
        }
    }
}

impl<T: Codec> Codec for Option<T> {
    const MAX: usize = 1 + T::MAX;
    const TYPE: &'static Type = &Type::Option(T::TYPE);

    #[inline(always)]
    fn encode(&self, to: &mut Writer<'_>) {
        match self {
            None => to.put(&[0]),
            Some(value) => {
                to.put(&[1]);
                value.encode(to);
            }
        }
    }

    #[inline(always)]
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match from.array()? {
            [0] => Ok(None),
            [1] => T::decode(from).map(Some),
            _ => Err(DecodeError::Value),
        }
    }
}

impl<T: Codec, const N: usize> Codec for [T; N] {
    const MAX: usize = N * T::MAX;
    const TYPE: &'static Type = &Type::Array(T::TYPE, N);

    #[inline(always)]
    fn encode(&self, to: &mut Writer<'_>) {
        T::encode_slice(self, to);
    }

    #[inline(always)]
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        T::decode_array(from)
    }
}

macro_rules! tuples {
    ($(($($name:ident)*))*) => {$(
        impl<$($name: Codec),*> Codec for ($($name,)*) {
            const MAX: usize = 0 $(+ $name::MAX)*;
            const TYPE: &'static Type = &Type::Tuple(&[$($name::TYPE),*]);

            #[inline(always)]
            #[allow(non_snake_case)]
            fn encode(&self, _to: &mut Writer<'_>) {
                let ($($name,)*) = self;
                $($name.encode(_to);)*
            }

            #[inline(always)]
            fn decode(_from: &mut Reader<'_>) -> Result<Self, DecodeError> {
                Ok(($($name::decode(_from)?,)*))
            }
        }
    )*};
}

tuples! {
    ()
    (A)
    (A B)
    (A B C)
    (A B C D)
    (A B C D E)
    (A B C D E F)
    (A B C D E F G)
    (A B C D E F G H)
}
