;; Gives the host a variant on the stack, as a discriminant and the word in which its case travels.
(component
  (import "test:types/host" (instance $host
    (type $declared (variant
      (case "long" s64) (case "int" s32) (case "float" f32) (case "byte" s8) (case "short" s16)
      (case "letter" char) (case "natural" u32) (case "double" f64)))
    (export "word" (type $word (eq $declared)))
    (export "take" (func (param "value" $word)))))
  (alias export $host "take" (func $take))
  (core func $lowered (canon lower (func $take)))
  (core module $m
    (import "host" "take" (func $take (param i32 i64)))
    (func (export "give") (param i32 i64) (call $take (local.get 0) (local.get 1))))
  (core instance $i (instantiate $m (with "host" (instance (export "take" (func $lowered))))))
  (func $give (param "case" u32) (param "word" u64) (canon lift (core func $i "give")))
  (component $interface
    (import "give" (func $give (param "case" u32) (param "word" u64)))
    (export "give" (func $give)))
  (instance $given (instantiate $interface (with "give" (func $give))))
  (export "test:types/given" (instance $given)))
