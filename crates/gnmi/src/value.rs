//! Values: JSON on our side, any of the wire's forms on the other.

use crate::wire::typed_value::Value as Wire;
use crate::wire::{Decimal64, Encoding, TypedValue};
use serde_json::Value;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    #[error("the value is missing")]
    Missing,
    #[error("the value is not JSON: {0}")]
    Json(String),
    #[error("values of the form {0} are not supported; send JSON_IETF")]
    Unsupported(&'static str),
    #[error("a list inside a leaf-list is not allowed")]
    Nested,
}

/// JSON_IETF, as it goes out.
#[must_use]
pub fn json_ietf(value: &Value) -> TypedValue {
    TypedValue { value: Some(Wire::JsonIetfVal(value.to_string().into_bytes())) }
}

/// A value in the encoding that was asked for; `None` where it is not supported (G-043).
#[must_use]
pub fn encode(value: &Value, encoding: Encoding) -> Option<TypedValue> {
    let value = match encoding {
        Encoding::JsonIetf => return Some(json_ietf(value)),
        Encoding::Json => Wire::JsonVal(value.to_string().into_bytes()),
        Encoding::Proto => scalar(value)?,
        Encoding::Ascii | Encoding::Bytes => return None,
    };
    Some(TypedValue { value: Some(value) })
}

/// A single value as the wire's own scalar (G-041).
fn scalar(value: &Value) -> Option<Wire> {
    match value {
        Value::String(text) => Some(Wire::StringVal(text.clone())),
        Value::Bool(truth) => Some(Wire::BoolVal(*truth)),
        Value::Number(number) => number
            .as_u64()
            .map(Wire::UintVal)
            .or_else(|| number.as_i64().map(Wire::IntVal))
            .or_else(|| number.as_f64().map(Wire::DoubleVal)),
        _ => None,
    }
}

/// Whatever form the far side chose, as JSON (G-037).
///
/// # Errors
/// Where there is no value or no way to read it.
pub fn decode(value: Option<&TypedValue>) -> Result<Value, ValueError> {
    match value.and_then(|value| value.value.as_ref()).ok_or(ValueError::Missing)? {
        Wire::JsonIetfVal(bytes) | Wire::JsonVal(bytes) => {
            serde_json::from_slice(bytes).map_err(|e| ValueError::Json(e.to_string()))
        }
        Wire::StringVal(text) | Wire::AsciiVal(text) => Ok(Value::from(text.clone())),
        Wire::IntVal(number) => Ok(Value::from(*number)),
        Wire::UintVal(number) => Ok(Value::from(*number)),
        Wire::BoolVal(truth) => Ok(Value::from(*truth)),
        Wire::DoubleVal(number) => Ok(Value::from(*number)),
        #[expect(deprecated, reason = "old targets still send them (G-006)")]
        Wire::FloatVal(number) => Ok(Value::from(f64::from(*number))),
        #[expect(deprecated, reason = "old targets still send them (G-006)")]
        Wire::DecimalVal(decimal) => Ok(Value::from(decimal_text(decimal))),
        Wire::LeaflistVal(list) => {
            let single = |element: &TypedValue| match decode(Some(element))? {
                Value::Array(_) | Value::Object(_) => Err(ValueError::Nested),
                value => Ok(value),
            };
            list.element.iter().map(single).collect::<Result<Vec<_>, _>>().map(Value::Array)
        }
        Wire::AnyVal(_) => Err(ValueError::Unsupported("any")),
        Wire::ProtoBytes(_) => Err(ValueError::Unsupported("proto_bytes")),
        Wire::BytesVal(_) => Err(ValueError::Unsupported("bytes")),
    }
}

/// digits × 10^-precision, exactly (G-007, P-45).
fn decimal_text(decimal: &Decimal64) -> String {
    let digits = decimal.digits.unsigned_abs().to_string();
    let precision = decimal.precision.min(18) as usize;
    let padded = format!("{digits:0>width$}", width = precision + 1);
    let (whole, fraction) = padded.split_at(padded.len() - precision);
    let sign = if decimal.digits < 0 { "-" } else { "" };
    if fraction.is_empty() {
        format!("{sign}{whole}.0")
    } else {
        format!("{sign}{whole}.{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn g_007_decimals_are_exact() {
        for (digits, precision, text) in
            [(314, 2, "3.14"), (-5, 3, "-0.005"), (0, 18, "0.000000000000000000"), (7, 0, "7.0")]
        {
            assert_eq!(decimal_text(&Decimal64 { digits, precision }), text);
        }
    }

    #[test]
    fn g_044_sixty_four_bits_survive() {
        let big = json!(18_446_744_073_709_551_615_u64);
        assert_eq!(decode(Some(&json_ietf(&big))).unwrap(), big);
        assert_eq!(decode(encode(&big, Encoding::Proto).as_ref()).unwrap(), big);
        assert_eq!(decode(None), Err(ValueError::Missing));
        assert!(encode(&big, Encoding::Bytes).is_none());
    }
}
