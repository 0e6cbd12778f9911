// A poll: somebody opens it with a question, every account votes once, whoever opened it closes it.
//
//   call 0   open    question: 1 to 200 bytes of text           returns the poll's number, u32
//   call 1   vote    poll u32 | option u8, below 8
//   call 2   close   poll u32                                   by whoever opened it
//   query 0  result  poll u32       returns open u32 (1 or 0) | votes u32 for each of 8 options | question
//
//   event 0  opened  poll u32 | question
//   event 1  voted   poll u32 | option u8
//   event 2  closed  poll u32
//
// Integers are little-endian. State:
//
//   "n"                                  number of polls, u32
//   "p" | 3 zero | poll u32              open u32 | votes 8 x u32 | 4 zero | who opened it 20, 4 zero | question
//   "v" | 3 zero | poll u32 | voter 20   option u8

import { caller, emit, exists, get, input, output, revert, set } from "./playfair"

const OPTIONS: u32 = 8
const QUESTION_BYTES_MAX = 200

// Offsets in a poll's record.
const VOTES: usize = 4
const AUTHOR: usize = 40
const QUESTION: usize = 64
const POLL_BYTES_MAX = 264

// Buffers, each aligned to 8 and a multiple of 8 long, since the host moves whole words.
const PAYLOAD: usize = memory.data(QUESTION_BYTES_MAX, 8)
const CALLER: usize = memory.data(24, 8)
const KEY: usize = memory.data(32, 8)
const VALUE: usize = memory.data(8, 8)
const POLL: usize = memory.data(POLL_BYTES_MAX, 8)
const EVENT: usize = memory.data(8 + QUESTION_BYTES_MAX, 8)

// The entry point of every player's call. The payload's length comes with it, the payload is fetched.
export function call(entry: i32, length: i32): void {
    if (entry == 0) open(length)
    else if (entry == 1) vote(length)
    else if (entry == 2) close(length)
    else revert("no such entry")
}

// The entry point of a client's question: it may read, and whatever would write is refused.
export function query(entry: i32, length: i32): void {
    if (entry != 0) revert("no such query")
    fetch(length, 4, 4)
    // A record ends where its question ends, so its first 36 bytes and the question are put together.
    const size = pollOf(load<u32>(PAYLOAD))
    const question = size - <i32>QUESTION
    for (let at: usize = 0; at < <usize>question; at++) {
        store<u8>(POLL + VOTES + 32 + at, load<u8>(POLL + QUESTION + at))
    }
    output(POLL, 36 + question)
}

function open(length: i32): void {
    fetch(length, 1, QUESTION_BYTES_MAX)
    store<u8>(KEY, 0x6e)
    let poll: u32 = 0
    if (get(KEY, 1, VALUE, 8) == 4) poll = load<u32>(VALUE)
    store<u32>(VALUE, poll + 1)
    set(KEY, 1, VALUE, 4)

    store<u32>(POLL, 1)
    caller(POLL + AUTHOR)
    store<u32>(EVENT, poll)
    for (let at: usize = 0; at < <usize>length; at++) {
        const letter = load<u8>(PAYLOAD + at)
        store<u8>(POLL + QUESTION + at, letter)
        store<u8>(EVENT + 4 + at, letter)
    }
    save(poll, <i32>QUESTION + length)
    emit(0, EVENT, 4 + length)
    store<u32>(VALUE, poll)
    output(VALUE, 4)
}

function vote(length: i32): void {
    fetch(length, 5, 5)
    const poll = load<u32>(PAYLOAD)
    const option = <u32>load<u8>(PAYLOAD + 4)
    if (option >= OPTIONS) revert("no such option")
    const size = pollOf(poll)
    if (load<u32>(POLL) == 0) revert("the poll is closed")
    caller(CALLER)
    keyOf(0x76, poll)
    store<u64>(KEY + 8, load<u64>(CALLER))
    store<u64>(KEY + 16, load<u64>(CALLER + 8))
    store<u64>(KEY + 24, load<u64>(CALLER + 16))
    if (exists(KEY, 28)) revert("you have voted")
    store<u64>(VALUE, option)
    set(KEY, 28, VALUE, 1)

    const place = POLL + VOTES + 4 * <usize>option
    store<u32>(place, load<u32>(place) + 1)
    save(poll, size)
    store<u32>(EVENT, poll)
    store<u8>(EVENT + 4, <u8>option)
    emit(1, EVENT, 5)
}

function close(length: i32): void {
    fetch(length, 4, 4)
    const poll = load<u32>(PAYLOAD)
    const size = pollOf(poll)
    if (load<u32>(POLL) == 0) revert("the poll is closed")
    caller(CALLER)
    for (let at: usize = 0; at < 24; at += 8) {
        if (load<u64>(CALLER + at) != load<u64>(POLL + AUTHOR + at)) revert("the poll is not yours")
    }
    store<u32>(POLL, 0)
    save(poll, size)
    store<u32>(EVENT, poll)
    emit(2, EVENT, 4)
}

// Fetches the payload. Its length is judged before: `input` writes all of it, up to 4,096 bytes, over whatever lies
// behind a buffer that is too small.
function fetch(length: i32, least: i32, most: i32): void {
    if (length < least || length > most) revert("bad payload")
    input(PAYLOAD)
}

function keyOf(letter: u32, poll: u32): void {
    store<u32>(KEY, letter)
    store<u32>(KEY + 4, poll)
}

// Reads a poll's record and returns its length.
function pollOf(poll: u32): i32 {
    keyOf(0x70, poll)
    const size = get(KEY, 8, POLL, POLL_BYTES_MAX)
    if (size < 0) revert("no such poll")
    return size
}

function save(poll: u32, size: i32): void {
    keyOf(0x70, poll)
    set(KEY, 8, POLL, size)
}
