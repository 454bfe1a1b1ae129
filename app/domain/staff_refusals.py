"""What logins and user accounts may refuse."""

from app.domain.errors import ShopError


class LoginFailed(ShopError):
    """Unknown user or wrong password; deliberately does not say which."""

    code = "login_failed"


class LoginLocked(ShopError):
    """Too many wrong passwords: wait `retry_after_s` seconds."""

    code = "login_locked"


class LoginAgain(ShopError):
    """Nobody is logged in, or the session has ended: log in and send the same again."""

    code = "login_again"


class FormExpired(ShopError):
    """The page's CSRF token is missing or belongs to another session: reload the page."""

    code = "form_expired"


class ManagerExists(ShopError):
    """The first manager can be made only once."""

    code = "manager_exists"


class UserUnknown(ShopError):
    """No such user."""

    code = "user_unknown"


class UsernameTaken(ShopError):
    """Another user has this name."""

    code = "username_taken"


class UsernameInvalid(ShopError):
    """A user name is 1-64 of a-z, 0-9, dot, dash and underscore."""

    code = "username_invalid"


class RoleUnknown(ShopError):
    """`roles` names roles that do not exist."""

    code = "role_unknown"


class PasswordWeak(ShopError):
    """Too easy to guess; `reason` says why."""

    code = "password_weak"


class OwnAccount(ShopError):
    """Nobody changes their own rights."""

    code = "own_account"


class LastManager(ShopError):
    """Somebody must be left who can manage staff."""

    code = "last_manager"


class SecondFactorNeeded(ShopError):
    """The password is right and not enough: send it again with `second_factor`."""

    code = "second_factor_needed"


class SecondFactorFailed(ShopError):
    """Name, password or code is wrong; deliberately does not say which."""

    code = "second_factor_failed"


class SecondFactorMissing(ShopError):
    """This shop lets nobody of these roles work by password alone: set up a second factor first."""

    code = "second_factor_missing"


class SecondFactorState(ShopError):
    """Set up already, or not yet: there is nothing to do for this step."""

    code = "second_factor_state"


class SecondFactorUnreadable(ShopError):
    """The secret was sealed under a key that this shop does not have any more: no code can ever be right."""

    code = "second_factor_unreadable"


class PinWeak(ShopError):
    """Not six digits, too easy to guess, or the one before; `reason` says which."""

    code = "pin_weak"


class PinChangeNeeded(ShopError):
    """The PIN was given by a manager and opens once: send it again with `new_pin`."""

    code = "pin_change_needed"


class TillNotEnrolled(ShopError):
    """PINs are for enrolled tills, and this browser is none."""

    code = "till_not_enrolled"


class TillCodeWrong(ShopError):
    """No till waits for this code, or no more."""

    code = "till_code_wrong"


class TillUnknown(ShopError):
    """No such enrolled till."""

    code = "till_unknown"
