require "json"
require_relative "⟨→file⟩goods/item"

# What a shop needs.
module ⟨Shop2⟩Shop
  # An order of items.
  class ⟨Order⟩Order < ⟨→Base⟩Base
    include ⟨→Loud⟩Loud
    ⟨LIMIT⟩LIMIT = 10
    Pair = Struct.new(:left, :right) do
      def sum = left + right
    end
    attr_reader :⟨id⟩id

    # Makes one.
    #
    # @param id [Integer]
    def initialize(⟨id_in⟩id, *rest, key: 1, **options, &block)
      ⟨@id⟩@id = ⟨→id_in⟩id
      ⟨@first⟩@first = ⟨→Item⟩Item.new(1)
    end

    def ⟨total⟩total(⟨tax⟩tax)
      ⟨sum⟩sum = ⟨→weight⟩weight + ⟨→tax⟩tax
      @items.each { |⟨item⟩item| sum += ⟨→item⟩item.price }
      ⟨→shout⟩shout
      ⟨→sum⟩sum + ⟨→@first⟩@first.⟨→price⟩price + ⟨→LIMIT⟩LIMIT + ⟨→id⟩id + self.⟨→weight⟩weight
    rescue StandardError => ⟨error⟩error
      ⟨→error⟩error.message
    end

    def self.⟨make⟩make(id) = new(id)

    class << self
      def build; end
    end
  end
end

⟨order⟩order = Shop::⟨→Order⟩Order.new(1)
⟨→order⟩order.⟨→total⟩total(2)
Shop::Order.⟨→make⟩make(3)
⟨→⟩nowhere
