;; Returns values that break the canonical ABI.
(component
  (core module $m
    (memory (export "memory") 1)
    ;; At 16: a string of two bytes that are not UTF-8. At 32: one that lies outside memory. At 48: a list
    ;; whose length overflows. At 64: a list that is not aligned.
    (data (i32.const 0) "\ff\fe")
    (data (i32.const 16) "\00\00\00\00\02\00\00\00")
    (data (i32.const 32) "\f0\ff\00\00\20\00\00\00")
    (data (i32.const 48) "\00\00\00\00\ff\ff\ff\ff")
    (data (i32.const 64) "\01\00\00\00\01\00\00\00")
    (func (export "at") (param i32) (result i32) (local.get 0))
    (func (export "surrogate") (result i32) (i32.const 0xd800))
    (func (export "seven") (result i32) (i32.const 7)))
  (core instance $i (instantiate $m))
  (alias core export $i "memory" (core memory $memory))
  (func (export "text") (param "at" u32) (result string)
    (canon lift (core func $i "at") (memory $memory)))
  (func (export "numbers") (param "at" u32) (result (list u64))
    (canon lift (core func $i "at") (memory $memory)))
  (func (export "character") (result char) (canon lift (core func $i "surrogate")))
  ;; Any number but zero is true.
  (func (export "truth") (result bool) (canon lift (core func $i "seven"))))
