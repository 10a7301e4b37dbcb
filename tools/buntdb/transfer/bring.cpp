#include "transfer/bring.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <scs/token.hpp>

#include "output/output.hpp"
#include "output/progress.hpp"
#include "transfer/transfer_note.hpp"

namespace {

/// The beginning of the payloads that scs::stores::moving writes while a session moves.
constexpr std::string_view mark_of_a_move = "\2scs-";

/// Counts the records that pass and shows the progress. Stops on request.
class passage {
 public:
  passage(const session_source& source, const bring_options& options)
      : source_(source), options_(options), bar_(options.title, progress_unit::items, [this] {
          return progress_state{done_, source_.total};
        }) {}

  void run(copied_counts& counts, const std::function<void(carried_session)>& each) {
    source_.for_each([&](carried_session session) {
      if (*options_.stopped) throw bringing_stopped();
      count_read(session.id, counts);
      if (options_.hash_ids) {
        if (const auto token = scs::token::parse(session.id.text())) session.id = token->id();
      }
      each(std::move(session));
      ++done_;
    });
  }

 private:
  const session_source& source_;
  const bring_options& options_;
  std::atomic<std::uint64_t> done_ = 0;
  const progress bar_;  // last, because it uses the other members
};

}  // namespace

session_source all_of(scs::store& from, std::string identity) {
  const auto for_each = [&from](const std::function<void(carried_session)>& each) {
    from.for_each([&](const scs::session_id& id, const scs::record& record) {
      if (scs::is_reserved(id) && transfer_note::is_one(record)) return scs::visit::next;
      if (record.payload.starts_with(mark_of_a_move)) {
        throw std::runtime_error(
            "some of these sessions are on their way to another store: complete the move with "
            "scs::stores::moving::move_rest() first");
      }
      each({.id = id, .record = record});
      return scs::visit::next;
    });
  };
  return {.for_each = for_each, .identity = std::move(identity)};
}

brought bring(const session_source& source, scs::store& to, const bring_options& options) {
  transfer_note note(to, source.identity);
  brought result;
  if (note.found() == transfer_note::state::complete && !options.again) {
    result.was_done = true;
    return result;
  }
  result.went_on = note.found() == transfer_note::state::begun;
  note.begin();
  session_copier copier(to, options.threads);
  try {
    scs::time_point last{};
    passage(source, options).run(copier.counts(), [&](carried_session session) {
      last = std::max(last, session.record.expiry);
      copier.add(std::move(session));
    });
    copier.finish();
    note.complete(last);
  } catch (const bringing_stopped&) {
    throw;
  } catch (...) {
    complain("not all sessions were brought, and a part may be there. Run it again to go on");
    throw;
  }
  result.counts = copier.counts();
  return result;
}

copied_counts write_file(const session_source& source, const session_file_writer::sink& out,
                         const bring_options& options) {
  copied_counts counts;
  session_file_writer writer(out);
  passage(source, options).run(counts, [&](const carried_session& session) {
    writer.add(session.id, session.record);
  });
  writer.finish();
  return counts;
}
