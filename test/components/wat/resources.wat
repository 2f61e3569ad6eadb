;; Has an export that takes no resource, and one that returns one.
(component
  (type $thing (resource (rep i32)))
  (core func $new (canon resource.new $thing))
  (core module $m
    (import "" "new" (func $new (param i32) (result i32)))
    (func (export "make") (result i32) (call $new (i32.const 3)))
    (func (export "answer") (result i32) (i32.const 42)))
  (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
  (func $make (result (own $thing)) (canon lift (core func $i "make")))
  ;; Gives the type a name where the function is exported, which an interface must.
  (component $named
    (import "thing" (type $thing (sub resource)))
    (import "make" (func $make (result (own $thing))))
    (export $thing' "thing" (type $thing))
    (export "make" (func $make) (func (result (own $thing')))))
  (instance $things (instantiate $named (with "thing" (type $thing)) (with "make" (func $make))))
  (export "hl:resources/things" (instance $things))
  (func (export "answer") (result u32) (canon lift (core func $i "answer"))))
