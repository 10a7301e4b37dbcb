#pragma once

#include <gtest/gtest.h>

#include "adapter_suite.hpp"
#include "conformance_headers.hpp"
#include "conformance_logins.hpp"
#include "conformance_responses.hpp"

// Requirements for every adapter, tested over a real connection. To run the suite on an adapter,
// write a class with the functions of adapter_server, and use INSTANTIATE_TYPED_TEST_SUITE_P(name,
// adapter, your_server).

namespace scs::http::tests {

REGISTER_TYPED_TEST_SUITE_P(
    adapter, renews_the_session_once_at_a_login, lets_no_passive_request_extend_the_idle_time,
    ends_a_session_after_an_idle_timeout_of_its_own,
    shows_a_message_once_on_the_page_after_the_form, tells_what_failed_and_in_which_request,
    refuses_what_another_sites_page_sends, asks_for_the_token_of_its_forms_from_whom_has_a_session,
    says_which_request_an_event_is_of, answers_403_when_the_login_is_too_long_ago,
    tells_the_browser_to_drop_its_cache_at_a_logout, answers_a_logout_when_it_is_durable,
    carries_the_token_in_a_header, tells_in_the_header_that_a_session_is_over,
    ends_a_stream_that_begins_a_session_behind_the_headers,
    sends_the_cookie_of_a_session_that_the_handler_saved, sets_a_cookie_and_knows_it_again,
    leaves_requests_alone_that_do_not_touch_their_session, reads_all_cookie_lines,
    takes_the_first_of_several_live_cookies, reads_cookie_lines_in_any_letter_case,
    keeps_set_cookie_lines_apart, drops_a_handlers_line_for_the_sessions_cookie,
    serves_many_requests_on_one_connection, adds_to_the_handlers_vary,
    lets_no_store_win_over_the_handlers_cache_control,
    answers_503_and_nothing_of_the_handlers_when_the_store_fails,
    refuses_commits_while_too_many_wait_for_the_store,
    releases_the_handlers_stream_when_the_store_fails,
    answers_503_when_the_store_fails_even_if_the_handler_caught_it,
    answers_500_without_the_text_when_a_handler_throws, answers_409_when_the_session_is_gone,
    clears_the_cookie_of_a_destroyed_session_even_if_the_handler_throws,
    lets_the_error_function_answer, survives_an_error_function_that_throws,
    varies_by_the_cookie_when_only_the_stream_reads_the_session, keeps_error_pages_from_caches,
    lets_no_cache_keep_a_new_cookie, sends_no_body_where_none_is_allowed,
    answers_head_like_get_without_the_body, adds_its_headers_to_304_and_redirects,
    commits_before_the_first_byte_of_a_stream, ends_a_stream_that_throws,
    ends_a_stream_that_changes_the_session,
    ends_a_stream_that_changes_the_session_even_if_the_handler_did_before,
    survives_a_client_that_leaves_in_the_middle_of_a_stream,
    takes_no_header_from_a_request_into_the_response, survives_a_cookie_header_of_a_megabyte,
    survives_a_thousand_cookies_and_names_with_every_byte);

}  // namespace scs::http::tests
