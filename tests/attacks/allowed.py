"""Which functions of schemas sec and app each login role may call. A new one is refused here until somebody has asked
what a hostile colleague learns from it, and has written down the answer."""

WEB = {
    # who is asking: tells the session about itself
    "ctx": "one's own context",
    "member": "one's own key",
    "institution": "one's own institution",
    "mask": "one's own categories",
    "holds": "one's own roles",
    "excluded": "cases one is kept from, to oneself",
    "enter": "makes a context of a token; 256 random bits are not guessed",
    # writing the log: in one's own name only
    "audit": "writes in one's own name",
    "audit_many": "writes in one's own name",
    # asked by policies; every one answers about the asking institution's own cases alone
    "shares": "whether one's own institution leads this case and one works on it; false for every other key",
    "may_grant": "false unless one leads the case; protocols are no secret",
    "involves": "false unless one leads the case",
    "has_mandate": "one's own institution's protocols",
    "opens": "one's own institution and role",
    "registers": "false for every key unless one's institution registers people; then whether a key known to it is taken",
    "may_seat": "one's own institution's seats",
    # seats (foundation.institutions): each answers about seats one could give, and says the same for all others
    "new_account": "makes an account that no password opens; tells whether a sign-in name is taken",
    "invite": "invitation.unavailable for every seat one could not give, and for accounts in use",
    "newcomers": "colleagues one could seat who have no password yet",
    # doing: each checks everything itself and says the same for hidden and missing
    "hand_over": "lead.unavailable for whatever one does not lead",
    "break_glass": "needs the role, a fresh factor and an exact reference; announced whatever comes of it",
    "review_break_glass": "break_glass.unavailable for whatever one may not review",
    "protocol_digest": "of a protocol, which every member may read",
    "protocol_fault": "which red line a protocol would cross; every member may read protocols",
    "sign_protocol": "protocol.unavailable unless one coordinates a party; says why a proposal cannot be signed",
    "close_proposal": "protocol.unavailable for every proposal that is not one's own to close",
    "existing": "categories one may know of, of cases in sight; nothing for any other key",
    "delegate": "a ticket for the worker in one's own name",
    # the rooms above
    "search_person": "starts from one's own persons (casework.people)",
    "match_people": "starts from one's own persons (casework.people)",
    "led_cases": "cases one's own institution leads and whose standing one may know (casework.cases)",
    "ended_cases": "cases one's own institution leads and whose standing one may know (casework.cases)",
    "to_be_erased": "numbers of rows of cases one's own institution leads; nothing for any other key (casework.cases)",
    "erasure_kept_by": "codes about cases one's own institution leads; nothing for any other key (casework.cases)",
    "keep_longer": "retention.unavailable for whatever one's own institution does not lead (casework.cases)",
    "propose_erasure": "erasure.unavailable for whatever one's own institution does not lead (casework.cases)",
    "erase_case": "erasure.unavailable for whatever one's own institution does not lead (casework.cases)",
    "undo_import": "undo.unavailable unless one's own institution imported the list and leads its cases (doors.intake)",
    "work_has_ended": "of cases in which one's own institution may enter support; false for any other key (casework.assistance)",
    "has_home": "of cases in which one's own institution may enter support; logged; false for any other key (casework.assistance)",
    "keep_history": "rows of cases in which one may not enter support are missing, as those of no case are (casework.assistance)",
    "overlap_of": "days and whom to ask, of one's own entries; never by whom, how many, how much (casework.assistance)",
    "undecided_entries": "keys of one's own entries (casework.assistance)",
    "check_support": "yes or no, where one may enter support or know of it; logged; nothing for any other key (casework.assistance)",
    "accounts": "what one's own institution has paid, without persons (casework.assistance)",
    "judge_twin": "twin.unavailable for every pair of which one's own institution does not read both (casework.people)",
    "merge_twin": "twin.unavailable, as above; needs a second person and both leads (casework.people)",
    "part_twin": "twin.unavailable, as above (casework.people)",
    "desk_twins": "nothing for everybody but the linkage desk (casework.people)",
    "desk_twin": "desk.unavailable for everybody but the linkage desk; each look is logged (casework.people)",
    "desk_judge": "desk.unavailable for everybody but the linkage desk (casework.people)",
    "contacts_asked": "cases one's own institution leads, and whom to speak to, once the desk says so (casework.people)",
    "procrastinate_defer_jobs_v1": "puts work in, tells its number",
}
ALLOWED: dict[str, dict[str, str]] = {
    "homeward_app": WEB,
    "homeward_job": WEB
    | {
        "tick": "applies beginnings and ends; tells how many",
        "audit_operator": "writes what the clock did",
        "expire_expected": "ends expectations whose day has passed; tells how many",
        "destroy_lists": "destroys lists whose days are over; tells how many",
        "retention_waiting": "tells how many cases wait",
        "sweep_overlaps": "compares all support with all support; tells how many overlaps were not known",
    },
    "homeward_auth": {
        "memberships": "of an account that is signing in",
        "create_session": "sign-in itself",
        "choose_member": "among the memberships of the session's own account",
        "confirm_factor": "sign-in itself",
        "may_choose_password": "needs the secret of the link",
        "has_chosen_password": "shuts a newcomer's link",
        "tally_read": "counts of attempts to sign in, under keys that are hashes",
        "tally_write": "as above",
        "tally_add": "as above",
        "tally_forget": "as above",
        "revoke_session": "sign-out",
        "revoke_account": "sign-out everywhere",
        "audit_operator": "writes that somebody signed in",
    },
    "homeward_sealer": {
        "sealable": "hashes of the log",
        "horizon": "how far the log is settled",
        "epoch": "the log's epoch",
    },
    "homeward_auditor": {},
}
# The queue's own functions are the worker's.
JOB_PREFIX = "procrastinate_"
