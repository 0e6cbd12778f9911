//! The kernel's memory: everything that outlives a function, because an exit from a module's run abandons every frame.

use crate::sys::F;
use core::cell::Cell;

/// 32 bits in a word of their own: the compiler would join two neighbours to an access that straddles words.
#[repr(C, align(8))]
pub(crate) struct Small(Cell<u32>);

impl Small {
    #[inline(always)]
    pub(crate) fn get(&self) -> u32 {
        self.0.get()
    }

    #[inline(always)]
    pub(crate) fn set(&self, value: u32) {
        self.0.set(value);
    }
}

/// State keys that a segment can touch.
pub(crate) const ENTRIES: usize = 2048;
/// System records that a segment can touch.
pub(crate) const SLOTS: usize = 512;
/// System records that one run can change.
pub(crate) const CHANGED_SLOTS: usize = 512;
/// Words of a record's payload: a genesis record's parameters, in whole frames.
pub(crate) const PAYLOAD_WORDS: usize = 2064;

/// A state key that the segment touches.
pub(crate) struct Entry {
    /// Key, below 2^248.
    pub(crate) key: Cell<F>,
    /// Its words, least significant first.
    pub(crate) words: [Cell<u64>; 4],
    /// Hash of the value before the segment; 0 if there is none.
    pub(crate) initial: Cell<F>,
    /// Hash of the value now. For system records it is right only at the end.
    pub(crate) value: Cell<F>,
    /// Its own place.
    pub(crate) own: Small,
    /// The run that has saved the value in the log.
    pub(crate) saved: Small,
    /// The run that has paid for touching the key.
    pub(crate) paid: Small,
}

/// A system record, in plain words.
pub(crate) struct Slot {
    /// What it is: kind, index and account.
    pub(crate) name: Cell<F>,
    /// Its place in the table of state keys.
    pub(crate) entry: Small,
    /// Its own place.
    pub(crate) own: Small,
    /// Whether it is there.
    pub(crate) present: Small,
    /// Whether it may differ from the entry's value.
    pub(crate) dirty: Small,
    /// The run that has saved it in the log.
    pub(crate) saved: Small,
    /// The run that has paid for opening it.
    pub(crate) paid: Small,
    /// The run that has paid for changing it.
    pub(crate) paid_change: Small,
    /// The words; all zero for an account that has never been there.
    pub(crate) words: [Cell<u64>; 12],
}

/// A user value to restore when a run does not end ok.
pub(crate) struct SavedEntry {
    pub(crate) entry: Small,
    pub(crate) value: Cell<F>,
}

/// A system record to restore when a run does not end ok.
pub(crate) struct SavedSlot {
    pub(crate) slot: Small,
    pub(crate) present: Small,
    pub(crate) words: [Cell<u64>; 12],
}

macro_rules! memory {
    ($($(#[$doc:meta])* $name:ident: $type:ty = $initial:expr,)*) => {
        /// All of it.
        pub(crate) struct Memory {
            $($(#[$doc])* pub(crate) $name: $type,)*
        }

        impl Memory {
            /// As the program starts: zeros, so that no image holds it.
            pub(crate) const fn new() -> Self {
                Self { $($name: $initial,)* }
            }
        }
    };
}

#[allow(clippy::declare_interior_mutable_const)] // An initial value, named for each cell anew.
const NIL: Cell<F> = Cell::new(F::word(0));
#[allow(clippy::declare_interior_mutable_const)]
const ZERO: Cell<u64> = Cell::new(0);
#[allow(clippy::declare_interior_mutable_const)]
const NONE: Small = Small(Cell::new(0));

memory! {
    // The chain and the boundary, as far as records have been applied.
    /// Chain id.
    chain_id: Cell<F> = NIL,
    /// Its canonical words.
    chain_words: [Cell<u64>; 4] = [ZERO; 4],
    /// Module hash after the segment.
    module: Cell<F> = NIL,
    /// Root of the set of verifying keys.
    vk_set_root: Cell<F> = NIL,
    /// Tape accumulator and its frames.
    tape: Cell<F> = NIL,
    /// Frames of the tape.
    tape_frames: Cell<F> = NIL,
    /// Receipts accumulator.
    receipts: Cell<F> = NIL,
    /// Outbox accumulator.
    outbox: Cell<F> = NIL,
    /// Frames of the outbox.
    outbox_frames: Cell<F> = NIL,
    /// Inbox accumulator.
    inbox: Cell<F> = NIL,
    /// Records of the inbox.
    inbox_records: Cell<F> = NIL,
    /// Height of the block.
    height: Cell<u64> = ZERO,
    /// Time of the block, ms.
    time: Cell<u64> = ZERO,
    /// Randomness of the block.
    random: Cell<F> = NIL,
    /// Announced time between an upgrade record and the next block.
    activating: Cell<u64> = ZERO,
    /// Work so far.
    work: Cell<u64> = ZERO,
    /// Records that are left.
    records: Cell<u64> = ZERO,
    /// Whether nothing is on the tape yet.
    first: Small = NONE,

    // The chain's parameters.
    /// 0 free, 1 paid by the caller, 2 by the sponsor.
    fee_mode: Cell<u64> = ZERO,
    /// Whether there is an L1.
    has_l1: Small = NONE,
    /// Gas of each tick.
    tick_gas: Small = NONE,
    /// Least gas price.
    least_price: Cell<u64> = ZERO,
    /// Who pays in mode 2.
    sponsor: Cell<F> = NIL,
    /// Who receives fees.
    recipient: Cell<F> = NIL,
    /// Who may announce upgrades.
    authority: Cell<F> = NIL,
    /// Least time from announcement to activation, ms.
    delay: Cell<u64> = ZERO,

    // The record.
    /// Its frames.
    frames: Small = NONE,
    /// Words of the last frame read, limb by limb, most significant first.
    frame: [Cell<u64>; 16] = [ZERO; 16],
    /// Its limbs.
    limbs: [Cell<F>; 4] = [NIL; 4],
    /// What the message hash still has to absorb, and its state.
    message: [Cell<F>; 4] = [NIL; 4],
    /// The payload as guest words, and what is cut off its end as frames are decoded.
    payload: [Cell<u64>; PAYLOAD_WORDS] = [ZERO; PAYLOAD_WORDS],
    /// Words decoded.
    decoded: Small = NONE,
    /// Bytes that do not fill a word yet, and how many.
    pending: Cell<u64> = ZERO,
    /// How many.
    pending_bytes: Small = NONE,
    /// Payload length, bytes.
    length: Small = NONE,
    /// Whether the record came through the inbox.
    forced: Small = NONE,
    /// Calling account.
    account: Cell<F> = NIL,
    /// Its words, least significant first.
    account_words: [Cell<u64>; 3] = [ZERO; 3],
    /// The index of the key that authorised the call.
    own_index: Cell<u64> = ZERO,
    /// Nonce lane.
    lane: Cell<u64> = ZERO,
    /// Nonce.
    nonce: Cell<u64> = ZERO,
    /// Last block time at which the call may run.
    valid_until: Cell<u64> = ZERO,
    /// Gas limit.
    limit: Small = NONE,
    /// Gas price.
    price: Cell<u64> = ZERO,
    /// Entry.
    entry: Small = NONE,
    /// Whether a signature says so, not L1.
    signed: Small = NONE,
    /// Whether the call creates its account.
    creates: Small = NONE,
    /// 0 nobody; 1 + slot of the account that pays.
    payer: Small = NONE,
    /// Balance of the payer after the debit.
    rest: [Cell<u64>; 2] = [ZERO; 2],
    /// Coordinates of the last point that was unpacked or computed.
    point: [Cell<F>; 2] = [NIL; 2],
    /// The new key of a new-key call.
    new_key: [Cell<F>; 2] = [NIL; 2],
    /// R of the signature.
    r: [Cell<F>; 2] = [NIL; 2],
    /// S of the signature, words, least significant first.
    s: [Cell<u64>; 4] = [ZERO; 4],

    // The run.
    /// What the run is for, see [`crate::execute`].
    purpose: Small = NONE,
    /// How it ended, if it did not return, see [`crate::ending`].
    end: Small = NONE,
    /// Whether code of the module is on.
    in_module: Small = NONE,
    /// Gas that it was given.
    run_gas: Small = NONE,
    /// Gas used by the chain itself before the module's run.
    own_gas: Small = NONE,
    /// Size of its memory, bytes.
    bytes: Small = NONE,
    /// Value, low word first.
    value: [Cell<u64>; 2] = [ZERO; 2],
    /// Hash of the output or of the revert's message.
    output: Cell<F> = NIL,
    /// Chain of events.
    events: Cell<F> = NIL,
    /// How many.
    event_count: Small = NONE,
    /// Messages sent.
    messages: Small = NONE,
    /// The outbox before the run.
    outbox_before: Cell<F> = NIL,
    /// Its frames.
    outbox_frames_before: Cell<F> = NIL,

    // Tables.
    /// Number of the run, from 1.
    run: Small = NONE,
    /// Whether changes are logged.
    logging: Small = NONE,
    /// State keys.
    entries: [Entry; ENTRIES] = [const { Entry {
        key: NIL, words: [ZERO; 4], initial: NIL, value: NIL, own: NONE, saved: NONE, paid: NONE,
    } }; ENTRIES],
    /// How many.
    entry_count: Small = NONE,
    /// System records.
    slots: [Slot; SLOTS] = [const { Slot {
        name: NIL, entry: NONE, own: NONE, present: NONE, dirty: NONE, saved: NONE, paid: NONE, paid_change: NONE,
        words: [ZERO; 12],
    } }; SLOTS],
    /// How many.
    slot_count: Small = NONE,
    /// User values before the run.
    entry_log: [SavedEntry; ENTRIES] = [const { SavedEntry { entry: NONE, value: NIL } }; ENTRIES],
    /// How many.
    entry_log_count: Small = NONE,
    /// System records before the run.
    slot_log: [SavedSlot; CHANGED_SLOTS] = [const { SavedSlot {
        slot: NONE, present: NONE, words: [ZERO; 12],
    } }; CHANGED_SLOTS],
    /// How many.
    slot_log_count: Small = NONE,
    /// State keys in order: their places in the table.
    order: [Small; ENTRIES] = [NONE; ENTRIES],
    /// Result of a subtree: its hash before and after, and what it is after, see [`crate::tree`].
    tree_old: Cell<F> = NIL,
    /// Its hash after.
    tree_new: Cell<F> = NIL,
    /// What it is after.
    tree_kind: Small = NONE,
    /// Result of arithmetic on balances, low word first.
    wide: [Cell<u64>; 2] = [ZERO; 2],
}
