⟨other⟩other() { :; }
