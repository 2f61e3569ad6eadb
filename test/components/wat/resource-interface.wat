;; An interface that has a resource: one function that returns it, and one that does not.
(component
  (type $thing (resource (rep i32)))
  (core func $new (canon resource.new $thing))
  (core module $m
    (import "" "new" (func $new (param i32) (result i32)))
    (func (export "make") (result i32) (call $new (i32.const 3)))
    (func (export "answer") (result i32) (i32.const 42)))
  (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
  (func $make (result (own $thing)) (canon lift (core func $i "make")))
  (func $answer (result u32) (canon lift (core func $i "answer")))
  (component $interface
    (import "thing" (type $thing (sub resource)))
    (import "make" (func $make (result (own $thing))))
    (import "answer" (func $answer (result u32)))
    (export $exported "thing" (type $thing))
    (export "make" (func $make) (func (result (own $exported))))
    (export "answer" (func $answer)))
  (instance $things (instantiate $interface
    (with "thing" (type $thing)) (with "make" (func $make)) (with "answer" (func $answer))))
  (export "test:resources/things" (instance $things)))
