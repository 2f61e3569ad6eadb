;; Answers the word in which the case of a variant travels: of a narrower case the upper half is zero.
(component
  (core module $m
    (func (export "raw") (param i32 i64) (result i64) (local.get 1)))
  (core instance $i (instantiate $m))
  (type $word (variant
    (case "long" s64) (case "int" s32) (case "float" f32) (case "byte" s8) (case "short" s16)
    (case "letter" char) (case "natural" u32) (case "double" f64)))
  (func $raw (param "value" $word) (result u64) (canon lift (core func $i "raw")))
  (component $interface
    (type $declared (variant
      (case "long" s64) (case "int" s32) (case "float" f32) (case "byte" s8) (case "short" s16)
      (case "letter" char) (case "natural" u32) (case "double" f64)))
    (import "type-word" (type $imported (eq $declared)))
    (import "raw" (func $raw (param "value" $imported) (result u64)))
    (export $exported "word" (type $declared))
    (export "raw" (func $raw) (func (param "value" $exported) (result u64))))
  (instance $flat (instantiate $interface (with "type-word" (type $word)) (with "raw" (func $raw))))
  (export "test:types/flat" (instance $flat)))
