"""The sandbox's mailbox on the Notifications page: the mails that would have left, as a mail program shows them."""

import streamlit as st

from core.notify import mailbox
from core.ui import session, states, times
from core.ui.text import escaped, t


def kept_mails() -> None:
    """The newest mails, one of them open."""
    settings = session.services().settings
    found = mailbox.kept(settings)
    if not found:
        states.empty(t("notifications.mailbox.empty"), t("notifications.mailbox.empty_help"))
        return
    named = {mail.name: mail for mail in found}
    chosen = st.selectbox(
        t("notifications.mailbox.which"),
        list(named),
        format_func=lambda name: f"{times.to_the_minute(named[name].at)} · {named[name].subject}",
        key="mailbox_which",
    )
    mail = named[chosen]
    with st.container(border=True, key="card-mail", gap="small"):
        st.markdown(f"**{escaped(mail.subject)}**")
        st.caption(f"{t('notifications.mailbox.to', to=escaped(mail.to))} · {times.moment(mail.at)}")
        st.code(mail.text, language=None, wrap_lines=True)
        st.download_button(
            t("notifications.mailbox.download"),
            mailbox.content_of(settings, mail.name),
            file_name=mail.name,
            mime="message/rfc822",
            icon=":material/download:",
            key="mailbox_download",
        )
    st.caption(t("notifications.mailbox.help", folder=escaped(str(settings.data_dir / mailbox.FOLDER))))
