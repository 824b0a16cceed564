⟨file⟩module Shop
  class ⟨Base⟩Base
    def ⟨weight⟩weight = 1
  end

  module ⟨Loud⟩Loud
    def ⟨shout⟩shout; end
  end

  class ⟨Item⟩Item
    attr_accessor :⟨price⟩price

    def initialize(price)
      @price = price
    end
  end
end
