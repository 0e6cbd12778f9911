// What a module and its chain agree on (docs/HOST.md), for AssemblyScript: the host functions that this module uses,
// and buffers for them. Whoever writes C, Zig or Go needs the same few lines.
//
// - Host functions are imports from the module "playfair". Their parameters are 32-bit integers; a pointer is an offset
//   in linear memory.
// - Every pointer that goes to the host is a multiple of 8, and the host moves whole words of 8 bytes: it zeroes the
//   rest of the last one. So a buffer is aligned to 8 and its size is a multiple of 8.
// - A refused argument is no error code: it ends the call as a trap.
// - A call runs in a fresh instance. Nothing in memory or in a global outlives it; only `set` does.

@external("playfair", "input")
export declare function input(to: usize): void

@external("playfair", "output")
export declare function output(from: usize, length: i32): void

@external("playfair", "revert")
declare function hostRevert(from: usize, length: i32): void

// The length of the value, or -1. It writes nothing when the value is longer than the capacity.
@external("playfair", "get")
export declare function get(key: usize, keyLength: i32, to: usize, capacity: i32): i32

@external("playfair", "set")
export declare function set(key: usize, keyLength: i32, from: usize, length: i32): void

@external("playfair", "exists")
export declare function exists(key: usize, keyLength: i32): i32

@external("playfair", "emit")
export declare function emit(topic: i32, from: usize, length: i32): void

// 20 bytes, and 4 zero.
@external("playfair", "caller")
export declare function caller(to: usize): void

const MESSAGE_BYTES_MAX = 256
// `memory.data` reserves bytes in a static segment, so that the address is a constant. A global that needs code to get
// its value would need a start function, and a module with a start function is not admitted.
const MESSAGE: usize = memory.data(MESSAGE_BYTES_MAX, 8)

// Ends the call: nothing that it wrote is kept, and the caller reads the message. ASCII only.
export function revert(message: string): void {
    const length = min(message.length, MESSAGE_BYTES_MAX)
    // AssemblyScript's strings are UTF-16, messages are UTF-8.
    for (let at = 0; at < length; at++) store<u8>(MESSAGE + <usize>at, <u8>message.charCodeAt(at))
    hostRevert(MESSAGE, length)
    // The host does not return from `revert`; the compiler cannot know.
    unreachable()
}

// What AssemblyScript calls when one of its own checks fails. Without this it would import "env"."abort", and a module
// that imports anything but host functions is not admitted.
export function abort(_message: string | null, _file: string | null, _line: u32, _column: u32): void {
    unreachable()
}
