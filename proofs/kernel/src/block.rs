//! Records of one frame that no player signs: block (B1 to B3), upgrade (U2), deposit (T5).

use crate::constants::RANDOM;
use crate::execute::{self, purpose};
use crate::memory::Memory;
use crate::number::{MASK_16, MASK_48, join2, join3, join4, low248};
use crate::prices::VERSION;
use crate::receipt::{Outcome, quiet};
use crate::sys::{F, f_add, f_eq, konst, module, poseidon5, require, require_eq};
use crate::table::{credit, kind, slot, will_change};

/// Most gas of a call, and so of a tick.
pub(crate) const CALL_GAS_MAX: u64 = 393_216;

/// The parameters record takes effect: the kernel's copies of what it says.
pub(crate) fn load_params(m: &Memory) {
    let params = slot(m, kind::PARAMS, 0, F::word(0));
    require(params.present.get() != 0);
    let w = &params.words;
    let head = w[0].get();
    let mode = head >> 8 & 0xff;
    m.fee_mode.set(mode & 0x7f);
    m.has_l1.set((mode >> 7) as u32);
    // The schedule is the module's; this kernel knows one.
    require(head >> 16 & MASK_16 == VERSION && module::gas_schedule() == VERSION);
    m.tick_gas.set((head >> 32) as u32);
    m.least_price.set(w[1].get());
    m.sponsor.set(join3(w[2].get(), w[3].get(), w[4].get()));
    m.recipient.set(join3(w[5].get(), w[6].get(), w[7].get()));
    m.authority.set(join3(w[8].get(), w[9].get(), w[10].get()));
    m.delay.set(w[11].get());
}

/// B1 to B3, and the tick.
pub(crate) fn block(m: &Memory) {
    let f = &m.frame;
    // 0x01, height, time, then zeros; the last 14 bytes of limb 3 are zero too.
    require(f[2].get() == 0 && f[3].get() == 0 && f[15].get() == 0 && f[14].get() & MASK_48 == 0);
    let (top, middle) = (f[0].get(), f[1].get());
    let height = (top & MASK_48) << 16 | middle >> 48;
    let time = middle & MASK_48;
    require_eq(F::word(height), f_add(F::word(m.height.get()), F::word(1)));
    require(time > m.time.get());
    if m.activating.get() != 0 {
        require(time >= m.activating.get());
    } else {
        let announced = slot(m, kind::UPGRADE, 0, F::word(0));
        require(announced.present.get() == 0 || announced.words[1].get() > time);
    }
    m.height.set(height);
    m.time.set(time);
    m.activating.set(0);
    let nil = F::word(0);
    let hash = poseidon5(
        konst!(RANDOM),
        m.chain_id.get(),
        F::word(height),
        m.limbs[1].get(),
        nil,
    );
    m.random.set(join4(low248(hash)));
    if m.tick_gas.get() == 0 || !module::has_tick() {
        return quiet(m, Outcome::OK);
    }
    m.length.set(0);
    execute::run_alone(m, purpose::TICK, m.tick_gas.get());
}

/// U2: the record equals the announcement, and nothing but a block may follow.
pub(crate) fn upgrade(m: &Memory) {
    let f = &m.frame;
    // 0x07, time, schedule, tick gas, least gas price, first byte of the root, 9 zero; module; root; zeros.
    require(f[3].get() == 0 && f[2].get() & 0xff == 0);
    require(f[12].get() | f[13].get() | f[14].get() | f[15].get() == 0);
    let (w3, w2, w1) = (f[0].get(), f[1].get(), f[2].get());
    let time = w3 & MASK_48;
    let (schedule, tick_gas) = (w2 >> 48, w2 >> 16 & 0xffff_ffff);
    let price = (w2 & MASK_16) << 48 | w1 >> 16;
    let root_high = w1 >> 8 & 0xff;
    let announced = slot(m, kind::UPGRADE, 0, F::word(0));
    let w = &announced.words;
    // The announcement is canonical, so equality with it is all that canonical form asks for.
    require(announced.present.get() != 0);
    require(w[0].get() == 1 | schedule << 16 | tick_gas << 32);
    require(w[1].get() == time && w[10].get() == price);
    require(w[2].get() == f[7].get() && w[3].get() == f[6].get());
    require(w[4].get() == f[5].get() && w[5].get() == f[4].get());
    require(w[6].get() == f[11].get() && w[7].get() == f[10].get());
    require(w[8].get() == f[9].get() && w[9].get() == root_high << 56 | f[8].get());
    let root = join4((w[6].get(), w[7].get(), w[8].get(), w[9].get()));

    let params = slot(m, kind::PARAMS, 0, F::word(0));
    will_change(m, params);
    let flags = params.words[0].get() & 0xffff;
    params.words[0].set(flags | schedule << 16 | tick_gas << 32);
    params.words[1].set(price);
    will_change(m, announced);
    announced.present.set(0);
    m.module.set(m.limbs[1].get());
    m.vk_set_root.set(root);
    m.activating.set(time);
    // It is the last record of its segment.
    require(m.records.get() == 0);
    quiet(m, Outcome::OK);
}

/// T5.
pub(crate) fn deposit(m: &Memory) {
    let f = &m.frame;
    let (w3, w2, w1, w0) = (f[0].get(), f[1].get(), f[2].get(), f[3].get());
    // 0x84, 2 zero, account, 8 zero; 15 zero, amount; 11 zero, sender; memo.
    require(w3 & 0xffff_0000_0000 == 0 && w0 == 0);
    require(f[4].get() | f[5].get() == 0);
    require(f[8].get() == 0 && f[9].get() >> 32 == 0);
    let account = join3(w1, w2, w3 & 0xffff_ffff);
    credit(
        m,
        slot(m, kind::ACCOUNT, 0, account),
        join2(f[7].get(), f[6].get()),
    );
    quiet(m, Outcome::OK);
}

/// The account id of a hash: its low 160 bits.
pub(crate) fn is_low160(hash: F, id: F) -> bool {
    let (w0, w1, w2, _) = low248(hash);
    f_eq(join3(w0, w1, w2 & 0xffff_ffff), id)
}
