;; A module that does whatever it is told: its payload is a program of steps, each five little-endian i32: operation and
;; four arguments. Operations 0 to 20 are the host functions in the order of docs/HOST.md; then come memory, traps and
;; arithmetic, in the order of the br_table below; any other number is a trap. So one module reaches every host function
;; with every argument, and every way in which a call can end.
;;
;; Memory: scratch from 0, the program at 16384, the result of each step from 24576; the call's output is the results.
(module
  (import "playfair" "input" (func $input (param i32)))
  (import "playfair" "output" (func $output (param i32 i32)))
  (import "playfair" "revert" (func $revert (param i32 i32)))
  (import "playfair" "get" (func $get (param i32 i32 i32 i32) (result i32)))
  (import "playfair" "set" (func $set (param i32 i32 i32 i32)))
  (import "playfair" "remove" (func $remove (param i32 i32) (result i32)))
  (import "playfair" "exists" (func $exists (param i32 i32) (result i32)))
  (import "playfair" "emit" (func $emit (param i32 i32 i32)))
  (import "playfair" "send" (func $send (param i32 i32 i32) (result i32)))
  (import "playfair" "caller" (func $caller (param i32)))
  (import "playfair" "value" (func $value (param i32)))
  (import "playfair" "chain_id" (func $chain_id (param i32)))
  (import "playfair" "height" (func $height (result i64)))
  (import "playfair" "time" (func $time (result i64)))
  (import "playfair" "randomness" (func $randomness (param i32)))
  (import "playfair" "balance" (func $balance (param i32 i32)))
  (import "playfair" "transfer" (func $transfer (param i32 i32) (result i32)))
  (import "playfair" "withdraw" (func $withdraw (param i32 i32) (result i32)))
  (import "playfair" "poseidon2" (func $poseidon2 (param i32 i32)))
  (import "playfair" "poseidon5" (func $poseidon5 (param i32 i32)))
  (import "playfair" "log" (func $log (param i32 i32)))
  (memory 2 4)
  (data (i32.const 0) "key one\00key two\00no such move")
  (type $unary (func (param i32) (result i32)))
  (table 5 funcref)
  (elem (i32.const 0) $dive $twice $nothing)
  (func $twice (param i32) (result i32)
    local.get 0 local.get 0 i32.add)
  (func $nothing)
  ;; As deep as its argument; each frame holds a value.
  (func $dive (param i32) (result i32)
    local.get 0
    if (result i32)
      local.get 0 i32.const 1 i32.sub call $dive local.get 0 i32.add
    else
      i32.const 0
    end)
  (func $step (param $operation i32) (param $a i32) (param $b i32) (param $c i32) (param $d i32) (result i64)
    ;; What follows the end of a block is what its br_table entry does.
    block $do_mix block $do_forever block $do_dive block $do_indirect block $do_rem_s block $do_div_s
    block $do_div_u block $do_trap block $do_fill block $do_copy block $do_grow block $do_peek
    block $do_poke block $do_log block $do_poseidon5 block $do_poseidon2 block $do_withdraw
    block $do_transfer block $do_balance block $do_randomness block $do_time block $do_height
    block $do_chain_id block $do_value block $do_caller block $do_send block $do_emit block $do_exists
    block $do_remove block $do_set block $do_get block $do_revert block $do_output block $do_input
      local.get $operation
      br_table $do_input $do_output $do_revert $do_get $do_set $do_remove $do_exists $do_emit $do_send
        $do_caller $do_value $do_chain_id $do_height $do_time $do_randomness $do_balance $do_transfer
        $do_withdraw $do_poseidon2 $do_poseidon5 $do_log $do_poke $do_peek $do_grow $do_copy $do_fill
        $do_trap $do_div_u $do_div_s $do_rem_s $do_indirect $do_dive $do_forever $do_mix $do_trap
    end ;; input
      local.get $a call $input i64.const 0 return
    end ;; output
      local.get $a local.get $b call $output i64.const 0 return
    end ;; revert
      local.get $a local.get $b call $revert i64.const 0 return
    end ;; get
      local.get $a local.get $b local.get $c local.get $d call $get i64.extend_i32_s return
    end ;; set
      local.get $a local.get $b local.get $c local.get $d call $set i64.const 0 return
    end ;; remove
      local.get $a local.get $b call $remove i64.extend_i32_s return
    end ;; exists
      local.get $a local.get $b call $exists i64.extend_i32_s return
    end ;; emit
      local.get $a local.get $b local.get $c call $emit i64.const 0 return
    end ;; send
      local.get $a local.get $b local.get $c call $send i64.extend_i32_s return
    end ;; caller
      local.get $a call $caller i64.const 0 return
    end ;; value
      local.get $a call $value i64.const 0 return
    end ;; chain_id
      local.get $a call $chain_id i64.const 0 return
    end ;; height
      call $height return
    end ;; time
      call $time return
    end ;; randomness
      local.get $a call $randomness i64.const 0 return
    end ;; balance
      local.get $a local.get $b call $balance i64.const 0 return
    end ;; transfer
      local.get $a local.get $b call $transfer i64.extend_i32_s return
    end ;; withdraw
      local.get $a local.get $b call $withdraw i64.extend_i32_s return
    end ;; poseidon2
      local.get $a local.get $b call $poseidon2 i64.const 0 return
    end ;; poseidon5
      local.get $a local.get $b call $poseidon5 i64.const 0 return
    end ;; log
      local.get $a local.get $b call $log i64.const 0 return
    end ;; poke
      local.get $a
      local.get $b i64.extend_i32_u local.get $c i64.extend_i32_u i64.const 32 i64.shl i64.or
      i64.store i64.const 0 return
    end ;; peek
      local.get $a i64.load return
    end ;; grow
      local.get $a memory.grow i64.extend_i32_s return
    end ;; copy
      local.get $a local.get $b local.get $c memory.copy i64.const 0 return
    end ;; fill
      local.get $a local.get $b local.get $c memory.fill i64.const 0 return
    end ;; trap
      unreachable
    end ;; div_u
      local.get $a local.get $b i32.div_u i64.extend_i32_u return
    end ;; div_s
      local.get $a local.get $b i32.div_s i64.extend_i32_s return
    end ;; rem_s
      local.get $a local.get $b i32.rem_s i64.extend_i32_s return
    end ;; indirect
      local.get $b local.get $a call_indirect (type $unary) i64.extend_i32_s return
    end ;; dive
      local.get $a call $dive i64.extend_i32_s return
    end ;; forever
      loop br 0 end unreachable
    end ;; mix
      local.get $a i64.extend_i32_s local.get $b i64.extend_i32_u i64.rotl local.get $c i64.extend_i32_u i64.mul
      local.get $d i64.extend_i32_u i64.xor i64.extend16_s local.get $a i64.extend_i32_u i64.popcnt i64.sub return
    unreachable)
  (func $run (param $length i32)
    (local $at i32) (local $to i32)
    i32.const 16384 call $input
    i32.const 24576 local.set $to
    block $done
      loop $next
        local.get $at i32.const 20 i32.add local.get $length i32.gt_u br_if $done
        local.get $to
        local.get $at i32.load offset=16384
        local.get $at i32.load offset=16388
        local.get $at i32.load offset=16392
        local.get $at i32.load offset=16396
        local.get $at i32.load offset=16400
        call $step
        i64.store
        local.get $at i32.const 20 i32.add local.set $at
        local.get $to i32.const 8 i32.add local.set $to
        br $next
      end
    end
    i32.const 24576
    local.get $to i32.const 24576 i32.sub local.tee $at i32.const 1024 local.get $at i32.const 1024 i32.lt_u select
    call $output)
  (func (export "call") (param $entry i32) (param $length i32)
    local.get $length call $run)
  (func (export "query") (param $entry i32) (param $length i32)
    local.get $length call $run)
  ;; Keeps its argument and says that it began.
  (func (export "init") (param $length i32)
    i32.const 16384 call $input
    i32.const 0 i32.const 3 i32.const 16384 local.get $length call $set
    i32.const 7 i32.const 16384 local.get $length call $emit)
  ;; Counts blocks under "key two", and traps in every fourth.
  (func (export "tick")
    i32.const 8 i32.const 7 i32.const 64 i32.const 8 call $get drop
    i32.const 64 i32.const 64 i64.load i64.const 1 i64.add i64.store
    i32.const 8 i32.const 7 i32.const 64 i32.const 8 call $set
    call $height i64.const 3 i64.and i64.eqz if unreachable end))
