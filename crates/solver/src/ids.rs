//! Dense identifiers: indices that cannot be mixed up.

use std::fmt;

macro_rules! dense_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl $name {
            #[must_use]
            pub const fn index(self) -> usize {
                self.0 as usize
            }

            /// The identifier of the element at `index` of an array that the builder has bounded.
            pub(crate) fn at(index: usize) -> Self {
                Self(u32::try_from(index).expect("the graph builder bounds every count below 2^32"))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }
    };
}

dense_id!(
    /// A node: a number from 0 to the graph's node count, exclusive.
    NodeId
);
dense_id!(
    /// A directed arc, numbered in the order in which the arcs were added.
    ArcId
);
dense_id!(
    /// A capacity that one arc has for itself, or that the two arcs of an undirected link share.
    PoolId
);
