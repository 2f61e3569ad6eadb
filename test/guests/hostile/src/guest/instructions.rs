//! Machine instructions that ring 3 should get nothing from, each with what must come of it.
//!
//! `Trap`: an exception is delivered. `Either`: an exception, or nothing of interest (it reads what is no
//! secret, or changes what a reset puts back). RDI points at 64 writable bytes, RSI at system pages.

macro_rules! instructions {
    ($table:ident) => {
        $table! {
            "syscall" Trap ["syscall"];
            "syscall that asks for nothing else" Trap ["xor eax, eax", "mov r8, rsp", "xor esp, esp", "syscall"];
            "sysenter" Trap ["sysenter"];
            "sysenter with a stack" Trap ["mov rcx, rsp", "mov rdx, rsp", "sysenter"];
            "sysexit" Trap ["sysexit"];
            "sysretl" Trap ["lea ecx, [rip]", "mov r11d, 0x3202", ".byte 0x0f, 0x07"];
            "sysretq" Trap ["lea rcx, [rip]", "mov r11, 0x3202", "sysretq"];
            "int 0" Trap ["int 0"];
            "int 1" Trap ["int 1"];
            "icebp" Trap [".byte 0xf1"];
            "int 2" Trap ["int 2"];
            "int3" Trap ["int3"];
            "int 8" Trap ["int 8"];
            "int 13" Trap ["int 13"];
            "int 14" Trap ["int 14"];
            "int 18" Trap ["int 18"];
            "int 32" Trap ["int 32"];
            "int 0x80" Trap ["int 0x80"];
            "int 255" Trap ["int 255"];
            "into" Trap [".byte 0xce"];
            "hlt" Trap ["hlt"];
            "cli" Trap ["cli"];
            "sti" Trap ["sti"];
            "popf with IOPL 3, then cli" Trap ["push 0x3202", "popfq", "cli"];
            "popf with IOPL 3, then out" Trap ["push 0x3202", "popfq", "out 0x11, al"];
            "popf with NT, then iretq" Trap
                ["mov rax, rsp", "mov ecx, ss", "push rcx", "push rax", "push 0x4202", "popfq", "push 0x202",
                 "mov ecx, cs", "push rcx", "lea rcx, [rip + 7f]", "push rcx", "iretq", "7: ud2"];
            "popf with TF" Trap ["push 0x102", "popfq", "nop", "nop"];
            "popf with TF, then syscall" Trap ["push 0x102", "popfq", "syscall"];
            "popf with TF, then a closed port" Trap ["push 0x102", "popfq", "out 0x11, al"];
            "popf with AC, then an unaligned read" Either ["push 0x40002", "popfq", "mov rax, [rdi + 1]"];
            "mov ss, then int3" Trap ["mov eax, ss", "mov ss, eax", "int3"];
            "mov ss, then icebp" Trap ["mov eax, ss", "mov ss, eax", ".byte 0xf1"];
            "mov ss, then syscall" Trap ["mov eax, ss", "mov ss, eax", "syscall"];
            "mov ss under TF" Trap ["push 0x102", "mov eax, ss", "popfq", "mov ss, eax", "nop", "nop"];
            "clts" Trap ["clts"];
            "lmsw" Trap ["mov eax, 1", "lmsw ax"];
            "smsw" Either ["smsw eax"];
            "invd" Trap ["invd"];
            "wbinvd" Trap ["wbinvd"];
            "rsm" Trap [".byte 0x0f, 0xaa"];
            "mov from cr0" Trap ["mov rax, cr0"];
            "mov from cr2" Trap ["mov rax, cr2"];
            "mov from cr3" Trap ["mov rax, cr3"];
            "mov from cr4" Trap ["mov rax, cr4"];
            "mov from cr8" Trap ["mov rax, cr8"];
            "mov to cr0" Trap ["mov rax, 0x33", "mov cr0, rax"];
            "mov to cr2" Trap ["mov cr2, rax"];
            "mov to cr3" Trap ["mov rax, 0x1000", "mov cr3, rax"];
            "mov to cr4" Trap ["mov rax, 0x20", "mov cr4, rax"];
            "mov to cr8" Trap ["mov cr8, rax"];
            "mov from dr0" Trap ["mov rax, dr0"];
            "mov from dr6" Trap ["mov rax, dr6"];
            "mov from dr7" Trap ["mov rax, dr7"];
            "mov to dr0" Trap ["mov dr0, rdi"];
            "mov to dr7" Trap ["mov eax, 0x401", "mov dr7, rax"];
            "lgdt" Trap ["lgdt [rdi]"];
            "lidt" Trap ["lidt [rdi]"];
            "lldt" Trap ["xor eax, eax", "lldt ax"];
            "ltr" Trap ["mov eax, 0x40", "ltr ax"];
            "sgdt" Either ["sgdt [rdi]"];
            "sidt" Either ["sidt [rdi]"];
            "sldt" Either ["sldt eax"];
            "str" Either ["str eax"];
            "lar of a ring-0 selector" Either ["mov ecx, 0x10", "lar eax, ecx"];
            "verw of a ring-0 selector" Either ["mov ecx, 0x18", "verw cx"];
            "invlpg" Trap ["invlpg [rdi]"];
            "invpcid" Trap ["xor eax, eax", "invpcid rax, [rdi]"];
            "rdmsr" Trap ["mov ecx, 0xc0000080", "rdmsr"];
            "wrmsr" Trap ["mov ecx, 0xc0000082", "xor eax, eax", "xor edx, edx", "wrmsr"];
            "rdpmc" Either ["xor ecx, ecx", "rdpmc"];
            "rdtsc" Either ["rdtsc"];
            "rdtscp" Either ["rdtscp"];
            "cpuid" Either ["xor eax, eax", "xor ecx, ecx", "cpuid"];
            "xgetbv" Either ["xor ecx, ecx", "xgetbv"];
            "xsetbv" Trap ["xor ecx, ecx", "xor edx, edx", "mov eax, 1", "xsetbv"];
            "xsaves" Trap [".byte 0x48, 0x0f, 0xc7, 0x2f"];
            "xrstors" Trap [".byte 0x48, 0x0f, 0xc7, 0x1f"];
            "swapgs" Trap ["swapgs"];
            "wrfsbase of a non-canonical address" Trap ["mov rax, 0x800000000000", "wrfsbase rax"];
            "wrgsbase of a non-canonical address" Trap ["mov rax, 0x800000000000", "wrgsbase rax"];
            "wrfsbase of a system page, then a read" Trap ["wrfsbase rsi", "mov rax, fs:[0]"];
            "rdpid" Either ["rdpid rax"];
            "clflush of a system page (CPUs in software leave it out)" Either ["clflush [rsi]"];
            "clflush of an unmapped page (CPUs in software leave it out)" Either ["clflush [0x1000]"];
            "prefetch of a system page" Either ["prefetcht0 [rsi]"];
            "monitor" Trap ["mov rax, rdi", "xor ecx, ecx", "xor edx, edx", "monitor"];
            "mwait" Trap ["xor eax, eax", "xor ecx, ecx", "mwait"];
            "tpause" Either ["xor eax, eax", "xor edx, edx", "xor ecx, ecx", ".byte 0x66, 0x0f, 0xae, 0xf1"];
            "vmcall" Either ["mov eax, 5", ".byte 0x0f, 0x01, 0xc1"];
            "vmmcall" Either ["mov eax, 5", ".byte 0x0f, 0x01, 0xd9"];
            "vmlaunch" Trap [".byte 0x0f, 0x01, 0xc2"];
            "vmresume" Trap [".byte 0x0f, 0x01, 0xc3"];
            "vmxoff" Trap [".byte 0x0f, 0x01, 0xc4"];
            "vmxon" Trap [".byte 0xf3, 0x0f, 0xc7, 0x37"];
            "vmptrld" Trap [".byte 0x0f, 0xc7, 0x37"];
            "vmclear" Trap [".byte 0x66, 0x0f, 0xc7, 0x37"];
            "vmread" Trap [".byte 0x0f, 0x78, 0xc0"];
            "vmwrite" Trap [".byte 0x0f, 0x79, 0xc0"];
            "vmfunc" Trap ["xor eax, eax", ".byte 0x0f, 0x01, 0xd4"];
            "vmrun" Trap [".byte 0x0f, 0x01, 0xd8"];
            "vmload" Trap [".byte 0x0f, 0x01, 0xda"];
            "vmsave" Trap [".byte 0x0f, 0x01, 0xdb"];
            "stgi" Trap [".byte 0x0f, 0x01, 0xdc"];
            "clgi" Trap [".byte 0x0f, 0x01, 0xdd"];
            "skinit" Trap [".byte 0x0f, 0x01, 0xde"];
            "invlpga" Trap [".byte 0x0f, 0x01, 0xdf"];
            "encls" Trap ["xor eax, eax", ".byte 0x0f, 0x01, 0xcf"];
            "getsec" Trap ["xor eax, eax", ".byte 0x0f, 0x37"];
            "stac" Trap ["stac"];
            "clac" Trap ["clac"];
            "wrpkru of nothing" Either ["xor eax, eax", "xor ecx, ecx", "xor edx, edx", "wrpkru"];
            "rdpkru" Either ["xor ecx, ecx", "rdpkru"];
            "ud2" Trap ["ud2"];
            "ud0" Trap [".byte 0x0f, 0xff, 0xc0"];
            "ud1" Trap [".byte 0x0f, 0xb9, 0xc0"];
            "cmpxchg8b of a register under lock" Trap [".byte 0xf0, 0x0f, 0xc7, 0xc8"];
            "a lock where there can be none (CPUs in software take it)" Either [".byte 0xf0, 0x89, 0xc0"];
            "push cs" Trap [".byte 0x0e"];
            "a direct far jump" Trap [".byte 0xea", ".long 0x400000", ".word 0x10"];
            "a direct far call" Trap [".byte 0x9a", ".long 0x400000", ".word 0x10"];
            "an instruction with too many prefixes" Trap [".fill 15, 1, 0x66", "nop"];
            "division by zero" Trap ["xor eax, eax", "xor edx, edx", "xor ecx, ecx", "div ecx"];
            "an unmasked x87 exception" Trap
                ["mov word ptr [rdi], 0x340", "fldcw [rdi]", "fld1", "fldz", "fdivp", "fwait"];
            "an unmasked vector exception (CPUs in software do not raise it)" Either
                ["mov dword ptr [rdi], 0", "ldmxcsr [rdi]", "xorps xmm0, xmm0", "divss xmm0, xmm0"];
            "ldmxcsr of reserved bits (CPUs in software take it)" Either ["mov dword ptr [rdi], -1", "ldmxcsr [rdi]"];
            "an unaligned movaps (CPUs in software take it)" Either ["movaps xmm0, [rdi + 1]"];
            "an unaligned cmpxchg16b (CPUs in software take it)" Either ["cmpxchg16b [rdi + 1]"];
            "an xrstor of a system page" Trap ["mov eax, 3", "xor edx, edx", "xrstor [rsi]"];
            "an xsave into a system page" Trap ["mov eax, 3", "xor edx, edx", "xsave [rsi]"];
            "code on the stack" Trap ["push 0xc3", "call rsp"];
            "code that changes itself" Trap ["lea rax, [rip]", "mov byte ptr [rax], 0x90"];
            "a non-canonical read" Trap ["mov rax, 0x800000000000", "mov rax, [rax]"];
            "a non-canonical return" Trap ["mov rax, 0x800000000000", "push rax", "ret"];
            "a return into the upper half" Trap ["mov rax, 0xffffffff81000000", "push rax", "ret"];
            "a return to address 0" Trap ["push 0", "ret"];
            "a far jump through a system page" Trap [".byte 0xff, 0x2e"];
            "a far return to ring 0" Trap ["push 0x10", "lea rax, [rip]", "push rax", "retfq"];
            "an iretq to a non-canonical address" Trap
                ["mov rax, rsp", "push 0x2b", "push rax", "push 0x202", "push 0x33", "mov rax, 0x800000000000",
                 "push rax", "iretq"];
            "an iretq with a stack in the upper half" Trap
                ["mov rax, 0xffff800000000000", "push 0x2b", "push rax", "push 0x202", "push 0x33",
                 "lea rax, [rip + 7f]", "push rax", "iretq", "7: push rax"];
            "a far jump through memory to ring 0" Trap
                ["mov dword ptr [rdi], 0x400000", "mov word ptr [rdi + 4], 0x10", ".byte 0xff, 0x2f"];
            "a far call through memory to the TSS" Trap
                ["mov dword ptr [rdi], 0x400000", "mov word ptr [rdi + 4], 0x40", ".byte 0xff, 0x1f"];
        }
    };
}
pub(crate) use instructions;
