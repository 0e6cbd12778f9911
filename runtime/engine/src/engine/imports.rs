//! The host functions as wasmtime imports: each passes its arguments, memory and gas to the host.

use super::Run1;
use playfair_abi::host::{HostFunction, IMPORT_MODULE, ValType};
use wasmtime::{Caller, Engine, Error, Linker, Result, Val};

/// Every host function, linked.
pub(super) fn linker(engine: &Engine) -> Result<Linker<Run1>> {
    let mut linker = Linker::new(engine);
    for function in HostFunction::ALL {
        link(&mut linker, *function)?;
    }
    Ok(linker)
}

/// One typed wrapper for each shape of signature in the table: typed functions cost a tenth of untyped ones.
fn link(linker: &mut Linker<Run1>, f: HostFunction) -> Result<()> {
    let signature = f.signature();
    let name = signature.name;
    debug_assert!(signature.params.iter().all(|param| *param == ValType::I32));
    let module = IMPORT_MODULE;
    match (signature.params.len(), signature.result) {
        (0, Some(ValType::I64)) => linker.func_wrap(module, name, move |c: Caller<'_, Run1>| call(c, f, &[])),
        (1, None) => linker.func_wrap(module, name, move |c: Caller<'_, Run1>, a: u32| {
            call(c, f, &[a]).map(drop)
        }),
        (2, None) => linker.func_wrap(module, name, move |c: Caller<'_, Run1>, a: u32, b: u32| {
            call(c, f, &[a, b]).map(drop)
        }),
        (3, None) => linker.func_wrap(
            module,
            name,
            move |c: Caller<'_, Run1>, a: u32, b: u32, d: u32| call(c, f, &[a, b, d]).map(drop),
        ),
        (4, None) => linker.func_wrap(
            module,
            name,
            move |c: Caller<'_, Run1>, a: u32, b: u32, d: u32, e: u32| call(c, f, &[a, b, d, e]).map(drop),
        ),
        (2, Some(ValType::I32)) => {
            linker.func_wrap(module, name, move |c: Caller<'_, Run1>, a: u32, b: u32| {
                call(c, f, &[a, b]).map(low32)
            })
        }
        (3, Some(ValType::I32)) => linker.func_wrap(
            module,
            name,
            move |c: Caller<'_, Run1>, a: u32, b: u32, d: u32| call(c, f, &[a, b, d]).map(low32),
        ),
        (4, Some(ValType::I32)) => linker.func_wrap(
            module,
            name,
            move |c: Caller<'_, Run1>, a: u32, b: u32, d: u32, e: u32| call(c, f, &[a, b, d, e]).map(low32),
        ),
        _ => return Err(Error::msg("a host function of a shape that has no wrapper")),
    }?;
    Ok(())
}

fn low32(value: u64) -> u32 {
    value as u32
}

/// Passes a host call on. A call that ends the run leaves the reason in the store and stops wasmtime with an error.
fn call(mut caller: Caller<'_, Run1>, function: HostFunction, arguments: &[u32]) -> Result<u64> {
    let mut wide = [0u64; 4];
    for (slot, argument) in wide.iter_mut().zip(arguments) {
        *slot = u64::from(*argument);
    }
    let wide = wide.get(..arguments.len()).unwrap_or_default();
    let (memory, global) = (caller.data().memory, caller.data().gas);
    let global = global.ok_or_else(|| Error::msg("a host call before the run"))?;
    let mut gas = global
        .get(&mut caller)
        .i32()
        .and_then(|gas| u32::try_from(gas).ok())
        .unwrap_or(0);
    let result = match memory {
        Some(memory) => {
            let (mut bytes, run) = memory.data_and_store_mut(&mut caller);
            run.host.invoke(function, wide, &mut bytes, &mut gas)
        }
        None => {
            let mut nothing: &mut [u8] = &mut [];
            caller
                .data_mut()
                .host
                .invoke(function, wide, &mut nothing, &mut gas)
        }
    };
    // What was charged came off an i32 that was not negative.
    global.set(&mut caller, Val::I32(gas as i32))?;
    result.map(|value| value.unwrap_or(0)).map_err(|ended| {
        caller.data_mut().ended = Some(ended);
        Error::msg("ended by the host")
    })
}
