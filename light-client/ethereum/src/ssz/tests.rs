use super::*;

#[test]
fn parts_lie_behind_the_fixed_part_without_gaps() {
    let bytes = [0u8; 10];
    assert_eq!(
        parts(&bytes, 4, [4, 7]).map(|parts| parts.map(<[u8]>::len)),
        Ok([3, 3])
    );
    assert_eq!(
        parts(&bytes, 4, [4, 10]).map(|parts| parts.map(<[u8]>::len)),
        Ok([6, 0])
    );
    for offsets in [[5, 7], [3, 7], [4, 11], [7, 4], [4, usize::MAX]] {
        assert_eq!(parts(&bytes, 4, offsets), Err(Malformed::Offset), "{offsets:?}");
    }
}

#[test]
fn missing_leaves_are_zeros() {
    let leaves: Vec<Root> = (1..=5).map(|byte| [byte; 32]).collect();
    let mut full = leaves.clone();
    full.resize(8, ZERO);
    assert_eq!(root(leaves, 3), root(full, 3));
    assert_eq!(root(Vec::new(), 1), node(&ZERO, &ZERO));
}

#[test]
fn a_branch_leads_from_its_leaf_to_the_root_and_from_nowhere_else() {
    let leaves: Vec<Root> = (1..5).map(|byte| [byte; 32]).collect();
    let [a, b, c, d] = [leaves[0], leaves[1], leaves[2], leaves[3]];
    let (left, whole) = (node(&a, &b), root(leaves, 2));
    // The third of four leaves has the generalized index 6.
    assert_eq!(root_of_branch(c, &[d, left], 6), Some(whole));
    assert_eq!(root_of_branch(c, &[ZERO, ZERO, d, left], 6), Some(whole));
    assert_eq!(root_of_branch(c, &[a, d, left], 6), None);
    assert_eq!(root_of_branch(c, &[left], 6), None);
    assert_ne!(root_of_branch(c, &[d, left], 7), Some(whole));
    assert_ne!(root_of_branch(c, &[left, d], 6), Some(whole));
}
