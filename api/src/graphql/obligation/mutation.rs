//! Acts on alerts and deviations.
