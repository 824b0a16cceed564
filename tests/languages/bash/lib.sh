⟨COMMON⟩COMMON=1
⟨greet⟩greet() { echo hi; }
