//! A vector that may be stored.

use std::fmt;

/// A vector of unit length: the right number of finite components, not all of them zero.
#[derive(Debug, Clone, PartialEq)]
pub struct Vector(Vec<f32>);

/// Why a provider's numbers are no vector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadVector {
    /// Another number of components than the space has.
    Dimensions {
        /// Of the space.
        expected: usize,
        /// Delivered.
        found: usize,
    },
    /// A component is NaN or infinite.
    NotFinite,
    /// All components are zero, or too small to have a direction.
    Zero,
}

impl fmt::Display for BadVector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dimensions { expected, found } => {
                write!(f, "the vector has {found} dimensions instead of {expected}")
            }
            Self::NotFinite => f.write_str("the vector has a component that is no finite number"),
            Self::Zero => f.write_str("the vector is zero"),
        }
    }
}

impl std::error::Error for BadVector {}

impl Vector {
    /// Checks and normalises what a provider delivered.
    ///
    /// # Errors
    /// The number of components is not `dimensions`, one is not finite, or the length is zero.
    pub fn new(mut components: Vec<f32>, dimensions: usize) -> Result<Self, BadVector> {
        if components.len() != dimensions {
            return Err(BadVector::Dimensions { expected: dimensions, found: components.len() });
        }
        if !components.iter().all(|component| component.is_finite()) {
            return Err(BadVector::NotFinite);
        }
        // In f64, because squares of large f32 overflow.
        let length = components.iter().map(|&component| f64::from(component).powi(2)).sum::<f64>().sqrt();
        if length < f64::from(f32::MIN_POSITIVE) {
            return Err(BadVector::Zero);
        }
        for component in &mut components {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a component of a unit vector lies in -1..=1"
            )]
            let unit = (f64::from(*component) / length) as f32;
            *component = unit;
        }
        Ok(Self(components))
    }

    /// The components.
    #[must_use]
    pub fn components(&self) -> &[f32] {
        &self.0
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|component| component.to_le_bytes()).collect()
    }
}
