#pragma once

namespace buntdb::engine {

/// A singly linked list through a member pointer of its elements. Appending and splicing cannot
/// fail, as the publication of a version requires.
template <class Element, Element* Element::*Next>
class chain {
 public:
  bool empty() const noexcept { return first_ == nullptr; }
  Element* front() const noexcept { return first_; }

  void push_back(Element* element) noexcept {
    element->*Next = nullptr;
    if (last_ == nullptr) {
      first_ = element;
    } else {
      last_->*Next = element;
    }
    last_ = element;
  }

  Element* pop_front() noexcept {
    Element* first = first_;
    first_ = first->*Next;
    if (first_ == nullptr) last_ = nullptr;
    return first;
  }

  void splice_back(chain& other) noexcept {
    if (other.first_ == nullptr) return;
    if (last_ == nullptr) {
      first_ = other.first_;
    } else {
      last_->*Next = other.first_;
    }
    last_ = other.last_;
    other.first_ = other.last_ = nullptr;
  }

 private:
  Element* first_ = nullptr;
  Element* last_ = nullptr;
};

}  // namespace buntdb::engine
