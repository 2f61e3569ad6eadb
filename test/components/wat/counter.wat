;; Counts its calls, in a global and in memory.
(component
  (core module $m
    (memory (export "memory") 1)
    (global $calls (mut i32) (i32.const 0))
    (func (export "next") (result i32)
      (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
      (i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (i32.const 1)))
      (if (result i32) (i32.eq (global.get $calls) (i32.load (i32.const 8)))
        (then (global.get $calls))
        (else unreachable))))
  (core instance $i (instantiate $m))
  (func (export "next") (result u32) (canon lift (core func $i "next"))))
