//! Small valid modules, for admission to take apart and for the mutator to break.

use crate::random::Random;
use playfair_abi::host::{HostFunction, IMPORT_MODULE, ValType};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, DataSection, EntityType, ExportKind, ExportSection, Function,
    FunctionSection, ImportSection, Instruction, MemArg, MemorySection, MemoryType, Module, TypeSection,
    ValType as WasmType,
};

/// Imports of some host functions, a memory with some data, and a `call` of random integer code.
pub(crate) fn module(random: &mut Random) -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function([WasmType::I32, WasmType::I32], []);
    let mut imports = ImportSection::new();
    let mut imported = 0;
    for function in HostFunction::ALL.iter().filter(|_| random.below(3) == 0) {
        let signature = function.signature();
        types.ty().function(
            signature.params.iter().map(|kind| wasm_type(*kind)),
            signature.result.map(wasm_type),
        );
        imported += 1;
        imports.import(IMPORT_MODULE, signature.name, EntityType::Function(imported));
    }
    let mut functions = FunctionSection::new();
    functions.function(0);
    let mut memory = MemorySection::new();
    memory.memory(MemoryType {
        minimum: 1 + random.below(3),
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut exports = ExportSection::new();
    exports.export("call", ExportKind::Func, imported);
    let mut code = CodeSection::new();
    code.function(&body(random));
    let mut data = DataSection::new();
    let bytes: Vec<u8> = (0..random.below(64)).map(|byte| byte as u8).collect();
    data.active(0, &ConstExpr::i32_const(random.below(1024) as i32), bytes);
    let mut module = Module::new();
    module
        .section(&types)
        .section(&imports)
        .section(&functions)
        .section(&memory)
        .section(&exports)
        .section(&code)
        .section(&data);
    module.finish()
}

fn wasm_type(kind: ValType) -> WasmType {
    match kind {
        ValType::I32 => WasmType::I32,
        ValType::I64 => WasmType::I64,
    }
}

/// Statements that each leave the stack as they found it, in blocks up to some depth.
fn body(random: &mut Random) -> Function {
    let mut function = Function::new([(random.below(4) as u32, WasmType::I64)]);
    let mut depth = 0;
    for _ in 0..random.below(40) {
        let at = MemArg {
            offset: random.below(100),
            align: 0,
            memory_index: 0,
        };
        match random.below(8) {
            0 => {
                function.instruction(&Instruction::Block(BlockType::Empty));
                depth += 1;
            }
            1 => {
                function.instruction(&Instruction::Loop(BlockType::Empty));
                depth += 1;
            }
            2 => {
                function.instruction(&Instruction::LocalGet(0));
                function.instruction(&Instruction::If(BlockType::Empty));
                depth += 1;
            }
            3 if depth > 0 => {
                function.instruction(&Instruction::End);
                depth -= 1;
            }
            4 => {
                function.instruction(&Instruction::LocalGet(1));
                function.instruction(&Instruction::BrIf(random.below(depth + 1) as u32));
            }
            5 => {
                function.instruction(&Instruction::LocalGet(0));
                function.instruction(&Instruction::I64Load8U(at));
                function.instruction(&Instruction::Drop);
            }
            6 => {
                function.instruction(&Instruction::I32Const(random.below(1 << 20) as i32));
                function.instruction(&Instruction::LocalGet(1));
                function.instruction(&Instruction::I32Store16(at));
            }
            _ => {
                function.instruction(&Instruction::LocalGet(0));
                function.instruction(&Instruction::I32Const(random.below(9) as i32));
                function.instruction(&Instruction::I32RemS);
                function.instruction(&Instruction::LocalSet(1));
            }
        }
    }
    for _ in 0..=depth {
        function.instruction(&Instruction::End);
    }
    function
}

/// Admission of any bytes: never a panic; what is admitted is admitted to the same bytes again, and its instrumented form
/// is refused.
pub(crate) fn check(bytes: &[u8]) -> bool {
    let Ok(admitted) = playfair_admission::admit(bytes) else {
        return false;
    };
    let again = playfair_admission::admit(bytes).map(|admitted| admitted.instrumented);
    assert!(
        again.is_ok_and(|again| again == admitted.instrumented),
        "admission is a function"
    );
    assert!(
        playfair_admission::admit(&admitted.instrumented).is_err(),
        "an instrumented module is no input"
    );
    true
}
