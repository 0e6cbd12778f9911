//! Small modules that together use everything that is admitted.

/// The samples: name and text.
pub(crate) const ALL: &[(&str, &str)] = &[
    ("minimal", MINIMAL),
    ("control", CONTROL),
    ("dead", DEAD),
    ("bulk", BULK),
    ("values", VALUES),
    ("entries", ENTRIES),
];

/// Nothing but what is demanded.
pub(crate) const MINIMAL: &str = r#"(module (func (export "call") (param i32 i32)))"#;

/// Blocks of all kinds, and where metered blocks start.
pub(crate) const CONTROL: &str = r#"(module
  (func (export "call") (param i32 i32) (local i32 i64)
    ;; a loop with a conditional branch back, and code after it
    loop
      local.get 0
      i32.const 1
      i32.sub
      local.tee 0
      br_if 0
    end
    i32.const 5
    local.set 2
    ;; if with both arms
    local.get 0
    if (result i32)
      i32.const 1
    else
      i32.const 2
      i32.const 3
      i32.add
    end
    local.set 2
    ;; if without else
    local.get 2
    if
      nop
    end
    ;; a block that nobody branches to
    block
      i32.const 1
      local.set 2
    end
    i32.const 2
    local.set 2
    ;; a switch
    block
      block
        block
          local.get 1
          br_table 0 1 1 2
        end
        i32.const 10
        local.set 2
        br 1
      end
      i32.const 20
      local.set 2
    end
    local.get 2
    i32.eqz
    if
      return
    end
    local.get 2
    br_if 0
    i32.const 1
    local.get 2
    i32.div_u
    drop))"#;

/// Code that no path reaches.
pub(crate) const DEAD: &str = r#"(module
  (func $never (result i32) unreachable)
  (func $always (param i32) (result i32)
    block (result i32)
      local.get 0
      br 0
      i32.const 7
      if (result i32)
        i32.const 1
        loop
          br 0
        end
      else
        i32.const 2
      end
      i32.add
    end
    return
    i32.const 9
    drop)
  (func $diverges (param i32) (result i32)
    block
      local.get 0
      br 1
    end
    i32.const 3)
  (func $loops
    loop
      br 0
      nop
    end
    nop)
  (func $both (param i32) (result i32)
    local.get 0
    if
      i32.const 1
      return
    else
      i32.const 2
      return
    end
    unreachable)
  (func (export "call") (param i32 i32)
    call $never
    call $always
    call $diverges
    call $both
    drop
    call $loops))"#;

/// Bulk operations and loads and stores.
pub(crate) const BULK: &str = r#"(module
  (memory 1)
  (data (i32.const 16) "playfair")
  (data (i32.const 4) "\01\02")
  (func (export "call") (param i32 i32)
    i32.const 0
    i32.const 16
    local.get 1
    memory.copy
    i32.const 0
    i32.const 255
    local.get 1
    memory.fill
    i32.const 0
    i32.const 8
    i64.load offset=8
    i64.store32 offset=4
    i32.const 1
    memory.grow
    memory.size
    i32.add
    drop
    return
    i32.const 0
    i32.const 0
    i32.const 0
    memory.fill))"#;

/// Several values, a table, globals, host functions.
pub(crate) const VALUES: &str = r#"(module
  (type $pair (func (result i64 i32)))
  (import "playfair" "height" (func $height (result i64)))
  (import "playfair" "revert" (func $revert (param i32 i32)))
  (table 4 4 funcref)
  (elem (i32.const 1) $two $three)
  (elem (i32.const 0) $two)
  (memory 2 1000)
  (global $counter (mut i64) (i64.const -3))
  (global i32 (i32.const 1024))
  (func $two (type $pair) call $height i32.const 1)
  (func $three (param i32) (result i32 i32 i32)
    local.get 0
    if
      i32.const 1
      i32.const 2
      i32.const 3
      return
    end
    i32.const 4
    i32.const 5
    i32.const 6
    local.get 0
    br_if 0)
  (func (export "call") (param i32 i32)
    local.get 0
    call_indirect (type $pair)
    i64.extend_i32_u
    global.get $counter
    i64.extend8_s
    i64.add
    i64.add
    global.set $counter
    i32.const 1
    i32.const 2
    i32.const 3
    select (result i32)
    call $three
    drop
    call $revert))"#;

/// Every entry point, an ABI, names.
pub(crate) const ENTRIES: &str = r#"(module $chess
  (@custom "playfair:abi" "{\"name\":\"chess\"}")
  (memory (export "memory") 17)
  (global (export "__heap_base") i32 (i32.const 1048576))
  (func $tick (export "tick"))
  (func $query (export "query") (param i32 i32))
  (func $init (export "init") (param i32))
  (func $call (export "call") (export "play") (param i32 i32) (local i64)))"#;
