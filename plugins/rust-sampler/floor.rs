// A sampler in Rust: keeps the candidates whose probability is at least `floor`, and always the best one.
// The types of workbench_plugin.h are written out by hand, so no generator is needed.
//
//   rustc -O --edition 2021 --crate-type cdylib -o floor.so floor.rs

use std::ffi::{c_char, c_void};
use std::ptr::null;

#[repr(C)]
#[derive(Clone, Copy)]
struct Header {
    major: u16,
    minor: u16,
    size: u32,
}

const fn header<T>() -> Header {
    Header { major: 1, minor: 0, size: std::mem::size_of::<T>() as u32 }
}

/// `wb_value`: eight bytes; this sampler has numbers only.
type Value = f64;
type Status = i32;
const OK: Status = 0;
const F64: i32 = 1;
const KEEPS_BEST: u32 = 4;

#[repr(C)]
struct Parameter {
    header: Header,
    name: *const c_char,
    meaning: *const c_char,
    kind: i32,
    reserved: i32,
    fallback: Value,
    minimum: Value,
    maximum: Value,
}

#[repr(C)]
struct Setup {
    header: Header,
    values: *const Value,
    value_count: u32,
    vocabulary_size: u32,
    seed: u64,
}

#[repr(C)]
struct Candidates {
    header: Header,
    ids: *mut i32,
    logits: *mut f32,
    count: usize,
    selected: i64,
    vocabulary_size: u32,
    is_sorted: u32,
}

type Create = unsafe extern "C" fn(*mut c_void, *const Setup, *mut *mut c_void, *mut c_char, usize) -> Status;
type Clone = unsafe extern "C" fn(*const c_void, *mut *mut c_void, *mut c_char, usize) -> Status;
type Apply = unsafe extern "C" fn(*mut c_void, *mut Candidates, *mut c_char, usize) -> Status;

#[repr(C)]
struct Sampler {
    header: Header,
    name: *const c_char,
    summary: *const c_char,
    flags: u32,
    parameter_count: u32,
    parameters: *const Parameter,
    context: *mut c_void,
    create: Option<Create>,
    clone: Option<Clone>,
    apply: Option<Apply>,
    accept: Option<unsafe extern "C" fn(*mut c_void, i32) -> Status>,
    reset: Option<unsafe extern "C" fn(*mut c_void)>,
    destroy: Option<unsafe extern "C" fn(*mut c_void)>,
}

#[repr(C)]
pub struct Plugin {
    header: Header,
    name: *const c_char,
    version: *const c_char,
    summary: *const c_char,
    samplers: *const Sampler,
    templates: *const c_void,
    tokenizers: *const c_void,
    sampler_count: u32,
    template_count: u32,
    tokenizer_count: u32,
    reserved: u32,
}

// The tables hold plain pointers to data that lives as long as the process.
unsafe impl Sync for Parameter {}
unsafe impl Sync for Sampler {}

unsafe extern "C" fn create(
    _: *mut c_void, setup: *const Setup, instance: *mut *mut c_void, _: *mut c_char, _: usize,
) -> Status {
    *instance = Box::into_raw(Box::new(*(*setup).values)) as *mut c_void;
    OK
}

unsafe extern "C" fn apply(instance: *mut c_void, lent: *mut Candidates, _: *mut c_char, _: usize) -> Status {
    let floor = *(instance as *const f64) as f32;
    let lent = &mut *lent;
    let ids = std::slice::from_raw_parts_mut(lent.ids, lent.count);
    let logits = std::slice::from_raw_parts_mut(lent.logits, lent.count);
    let best = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f32 = logits.iter().map(|logit| (logit - best).exp()).sum();
    let mut kept = 0;
    for index in 0..logits.len() {
        if logits[index] == best || (logits[index] - best).exp() / sum >= floor {
            ids[kept] = ids[index];
            logits[kept] = logits[index];
            kept += 1;
        }
    }
    lent.count = kept;
    OK
}

unsafe extern "C" fn destroy(instance: *mut c_void) {
    drop(Box::from_raw(instance as *mut f64));
}

static PARAMETERS: [Parameter; 1] = [Parameter {
    header: header::<Parameter>(),
    name: c"floor".as_ptr(),
    meaning: c"The least probability of a candidate; 0 turns it off.".as_ptr(),
    kind: F64,
    reserved: 0,
    fallback: 0.01,
    minimum: 0.0,
    maximum: 1.0,
}];

static SAMPLERS: [Sampler; 1] = [Sampler {
    header: header::<Sampler>(),
    name: c"floor".as_ptr(),
    summary: c"Keeps candidates with at least a given probability.".as_ptr(),
    flags: KEEPS_BEST,
    parameter_count: 1,
    parameters: PARAMETERS.as_ptr(),
    context: std::ptr::null_mut(),
    create: Some(create),
    clone: None,
    apply: Some(apply),
    accept: None,
    reset: None,
    destroy: Some(destroy),
}];

/// # Safety
/// The host calls this with a valid plugin struct.
#[no_mangle]
pub unsafe extern "C" fn workbench_plugin_entry(_: *const c_void, plugin: *mut Plugin) -> Status {
    *plugin = Plugin {
        header: header::<Plugin>(),
        name: c"rust-sampler".as_ptr(),
        version: c"1.0.0".as_ptr(),
        summary: c"A sampler written in Rust.".as_ptr(),
        samplers: SAMPLERS.as_ptr(),
        templates: null(),
        tokenizers: null(),
        sampler_count: 1,
        template_count: 0,
        tokenizer_count: 0,
        reserved: 0,
    };
    OK
}
