// Members and sessions.

extension BoxOffice {
    /// Makes a member. Does not log in.
    ///
    /// Refused with `badName`, `badPassword` or `nameTaken`.
    @discardableResult
    public func signUp(name: String, password: String) async throws(BoxOfficeError) -> Account {
        try await perform(SignUp(operation: newOperationKey(), name: name, password: Secret(password)))
    }

    /// Starts a session. From here on the client logs in again by itself when the session ends.
    ///
    /// Refused with `badCredentials`; the client stays what it was.
    @discardableResult
    public func logIn(name: String, password: String, device: String = "") async throws(BoxOfficeError) -> LoggedIn {
        let answer = try await perform(LogIn(name: name, password: Secret(password), device: device))
        driver.process { guarded, _ in
            guarded.session.credentials = .password(name: name, password: password, device: device)
        }
        return answer
    }

    /// Ends the session, on all connections that use it; this client goes on as a guest.
    public func logOut() async throws(BoxOfficeError) {
        do {
            _ = try await perform(LogOut())
        } catch  where error.code == .loginRequired && account == nil {
            // The session is over already, which is what was wanted.
        }
    }

    /// Asks the server who is logged in.
    public func whoAmI() async throws(BoxOfficeError) -> Account { try await perform(WhoAmI()) }

    /// Sets a new password and ends the member's other sessions.
    ///
    /// Refused with `badCredentials` when the old password is wrong, and `badPassword` when the new one will not do.
    public func changePassword(from old: String, to new: String) async throws(BoxOfficeError) {
        let key = try await newOperationKey()
        _ = try await perform(ChangePassword(operation: key, oldPassword: Secret(old), newPassword: Secret(new)))
        driver.process { guarded, _ in
            guard case .password(let name, _, let device) = guarded.session.credentials else { return }
            guarded.session.credentials = .password(name: name, password: new, device: device)
        }
    }
}
