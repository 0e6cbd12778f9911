//! Every term of the bus (docs/CIRCUIT.md, "Bus tuples").
//!
//! Tuples are affine in the cells, so the tag of a limb's table is an affine form of flags that has the right value on the rows where
//! the limb is used: 12 bits (4 for top limbs) everywhere but in LOADB, STOREB, LOADP, STOREP, whose L0..L8 are bytes. tests/clean.rs has
//! every such row.
//!
//! # Attacks
//! * Reading a stale value: `memory.*`. For each address there is one open tuple at a time: the entry of MEM opens it, each
//!   access takes an *earlier* one (`row.*`: `row - t - 1` is the number of a row) and opens its own.
//! * Times that wrap: as above; a time is the number of a row because only those are supplied.
//! * Rows of tables that do not exist: multiplicities are free, but only for rows of the fixed columns. Rows of the code table
//!   beyond the program repeat STUCK.
//! * Public inputs: they are added to the auxiliary table's v1; its first rows have tag PUBLIC and v1 = 0 (`crate::tables`).

use super::Lanes;
use crate::air::{Column, Expr, affine};
use crate::columns::Limbs;
use crate::op::Op;
use playfair_proofs_isa::code::{Flags, Tag};

/// Limbs that are bytes in LOADB, STOREB, LOADP and STOREP.
const BYTES: usize = 9;

impl Lanes<'_> {
    pub(super) fn bus(&mut self) {
        self.code_bus();
        self.memory_bus();
        self.aux_bus();
    }

    fn code_bus(&mut self) {
        let c = self.c;
        let kind = self.builder.kind("code");
        let flags = affine(2, c.flags.iter().map(|flag| flag.cur()));
        let head = [c.pcl.cur(), flags, c.slot_a.address - c.fp, c.b.cur(), c.c.cur()];
        let tuple = head
            .into_iter()
            .chain(c.k.iter().map(|k| k.cur()))
            .chain([c.g.cur()]);
        self.builder.use_one("code.use", kind, tuple);
        let f = &c.fixed;
        let head = [f.row, f.flags, f.a, f.b, f.c];
        self.builder.supply(
            "code.table",
            kind,
            c.m_code.cur(),
            head.into_iter().chain(f.k).chain([f.gas]),
        );
    }

    fn memory_bus(&mut self) {
        let c = self.c;
        let (memory, row) = (self.builder.kind("memory"), self.builder.kind("row"));
        let slots = [
            (
                "a",
                Flags::SA,
                c.slot_a.address,
                c.slot_a.time,
                c.slot_a.old,
                c.slot_a.new,
            ),
            (
                "b",
                Flags::SB,
                c.slot_b.address,
                c.slot_b.time,
                c.slot_b.value,
                c.slot_b.value,
            ),
            (
                "c",
                Flags::SC,
                c.slot_c.address,
                c.slot_c.time,
                c.slot_c.old,
                c.slot_c.new,
            ),
        ];
        for (name, on, address, time, found, left) in slots {
            let on = c.flag(on).cur();
            self.builder.use_times(
                format!("memory.{name}.found"),
                memory,
                on.clone(),
                [address, time, found],
            );
            self.builder.supply(
                format!("memory.{name}.left"),
                memory,
                on.clone(),
                [address, c.fixed.row, left],
            );
            // MEM rows find what comes later. They have no slot B.
            let times = if name == "b" { on } else { on - c.flag(Flags::MEM) };
            self.builder
                .use_times(format!("row.{name}"), row, times, [c.fixed.row - time - 1]);
        }
        self.builder
            .supply("row.table", row, c.m_row.cur(), [c.fixed.row]);
    }

    fn aux_bus(&mut self) {
        let c = self.c;
        let kind = self.builder.kind("aux");
        let flag = |flag: Flags| c.flag(flag).cur();
        // One in rows on bytes, which are all of MEMF that use group 1.
        let byte1 = flag(Flags::MEMF);
        // Of group 2, words' accesses have u1 or u3; DIV has u3.
        let byte2 = flag(Flags::MEMF) + flag(Flags::CMP) - flag(Flags::U1) - flag(Flags::U3);
        let group1 = c.any(&[
            Op::Arith,
            Op::Div,
            Op::Ret,
            Op::Enter,
            Op::Exit,
            Op::Hint64,
            Op::LoadB,
            Op::StoreB,
            Op::LoadP,
            Op::StoreP,
            Op::Mem,
        ]);
        let group2 = c.any(&[
            Op::Arith,
            Op::Div,
            Op::LoadB,
            Op::LoadW,
            Op::StoreB,
            Op::StoreW,
            Op::LoadP,
            Op::StoreP,
            Op::Mem,
        ]);
        let zero = || Expr::from(0);
        for (i, limb) in c.limb.iter().enumerate() {
            let top = i % Limbs::S.count == Limbs::S.count - 1;
            let width = Expr::from(if top { Tag::Top } else { Tag::Limb } as u32);
            let (uses, byte) = if i < Limbs::S.count {
                (&group1, &byte1)
            } else {
                (&group2, &byte2)
            };
            let tag = if i < BYTES {
                let distance = Expr::from(Tag::Byte as u32) - &width;
                width + byte * distance
            } else {
                width
            };
            self.builder.use_times(
                format!("limb.{i}"),
                kind,
                uses.clone(),
                [tag, limb.cur(), zero(), zero()],
            );
        }

        let triple =
            |tag: Expr, i: usize| [tag, c.extra[i].cur(), c.extra[i + 1].cur(), c.extra[i + 2].cur()];
        let (logic, mem) = (self.is(Op::Logic), self.is(Op::Mem));
        let (image_a, image_c) = (self.cell(6), self.cell(7));
        let uses = c.any(&[Op::Aux, Op::CallI, Op::Logic]) + &mem * image_a;
        self.builder
            .use_times("triple.0", kind, uses, triple(self.cell(12), 0));
        let and = Expr::from(Tag::And as u32);
        let tag = &and + flag(Flags::MEM) * (Expr::from(Tag::Image as u32) - &and);
        self.builder
            .use_times("triple.1", kind, &logic + mem * image_c, triple(tag, 3));
        // The first two chunks are in the triples, whose third cell is then zero, as the table's second value is.
        for (i, cells) in c.logic_chunks().into_iter().enumerate().skip(2) {
            let [pair, z] = cells.map(|cell| cell.cur());
            let tuple = [and.clone(), pair, z, zero()];
            self.builder
                .use_times(format!("chunk.{i}"), kind, logic.clone(), tuple);
        }

        let f = &c.fixed;
        let value = f.v1 + Column::Instance;
        self.builder.supply(
            "aux.table",
            kind,
            c.m_aux.cur(),
            [f.tag.cur(), f.key.cur(), value, f.v2.cur()],
        );
    }
}
