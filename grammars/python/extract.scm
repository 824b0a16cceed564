; What decides whether a piece of a function can be a function of its own. Vocabulary: grammars/README.md.

(return_statement) @return
(yield) @yield
[(break_statement) (continue_statement)] @jump
[(for_statement) (while_statement)] @loop
; what may be left half done, and what is read afterwards all the same
(try_statement body: (block) @tried)
(try_statement [(except_clause) (else_clause)] @tried (finally_clause))
; after these every error is gone on with further out, or the function is left
(try_statement) @catches
(except_clause) @handler
(except_clause (block [(return_statement) (raise_statement)] .)) @leaving
; a `with` may hear of an error and swallow it, but for those of which that is known
((with_statement (with_clause (with_item value: (_) @_with)) body: (block) @tried) (#not-match? @_with "^\\w[\\w.]*\\("))
((with_statement (with_clause (with_item value: [
    (call function: (_) @_by) (as_pattern . (call function: (_) @_by)) (_ (call function: (_) @_by))])) body: (block) @tried)
  (#not-match? @_by "^(?:open|\\w+\\.open|(?:contextlib\\.)?(?:closing|nullcontext|redirect_stdout|redirect_stderr|chdir)|(?:warnings\\.)?catch_warnings|(?:decimal\\.)?localcontext|(?:tempfile\\.)?(?:TemporaryDirectory|TemporaryFile|NamedTemporaryFile)|(?:concurrent\\.futures\\.)?(?:ThreadPoolExecutor|ProcessPoolExecutor))$"))
; a name that has its new value or the old one, whatever happens
(expression_statement (assignment left: (identifier) @whole))
(expression_statement (augmented_assignment left: (identifier) @whole))
(await) @wait
(for_statement "async") @wait
(with_statement "async") @wait
(for_in_clause "async") @wait

; reads a name and gives it another value
(augmented_assignment left: (identifier) @update)
(delete_statement (identifier) @delete)
(delete_statement (expression_list (identifier) @delete))
(nonlocal_statement) @wide
(global_statement) @wide

; sees or changes the names around it without naming them
(call function: (identifier) @sees (#any-of? @sees "locals" "vars" "eval" "exec" "dir"))
(wildcard_import) @sees
; is about the method that it stands in
(call function: (identifier) @own (#eq? @own "super"))
((identifier) @own (#eq? @own "__class__"))
; means something else outside of its class
((identifier) @private (#match? @private "^__[a-zA-Z0-9_]*[a-zA-Z0-9]_?$"))
; binds a name around it from inside an expression
(named_expression name: (identifier) @inner)

; its lines are not indented
(string) @verbatim
(concatenated_string) @verbatim

; what is not done when the place is reached
(function_definition) @apart
(lambda) @apart
(class_definition) @apart
; of a generator all but what it goes over first; and what uses one up at once
(generator_expression body: (_) @late)
(generator_expression body: (_) . (for_in_clause) (_) @late)
(call
  function: [(identifier) @uses (attribute object: (string) attribute: (identifier) @uses)]
  arguments: [(generator_expression) @used (argument_list . (generator_expression) @used)]
  (#any-of? @uses "sum" "any" "all" "min" "max" "list" "tuple" "set" "frozenset" "dict" "sorted" "join"))

(function_definition "async" @async)
