;; Asks for its arguments while it is being instantiated, and tells later how many there were.
(component
  (import "wasi:cli/environment@0.2.0" (instance $environment
    (export "get-arguments" (func (result (list string))))))
  (core module $memory
    (memory (export "memory") 128)
    (global $next (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $start i32)
      (local.set $start (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
      (global.set $next (i32.add (local.get $start) (local.get 3)))
      (local.get $start)))
  (core instance $m (instantiate $memory))
  (alias core export $m "memory" (core memory $memory))
  (alias core export $m "realloc" (core func $realloc))
  (alias export $environment "get-arguments" (func $arguments))
  (core func $lowered (canon lower (func $arguments) (memory $memory) (realloc $realloc)))
  (core module $main
    (import "" "memory" (memory 1))
    (import "" "arguments" (func $arguments (param i32)))
    ;; Where the list lies, and how long it is: 16 and 20.
    (func $start (call $arguments (i32.const 16)))
    (start $start)
    (func (export "count") (result i32) (i32.load (i32.const 20)))
    (func (export "sum") (param i32 i32) (result i32)
      (i32.add (local.get 1) (i32.load (i32.const 20)))))
  (core instance $i (instantiate $main
    (with "" (instance (export "memory" (memory $memory)) (export "arguments" (func $lowered))))))
  (func (export "count") (result u32) (canon lift (core func $i "count")))
  ;; The length of the data, and of the arguments.
  (func (export "sum") (param "data" (list u8)) (result u32)
    (canon lift (core func $i "sum") (memory $memory) (realloc $realloc))))
