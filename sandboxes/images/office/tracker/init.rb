# The way in for the office's own programs; nginx does not let anybody else come here.
Redmine::Plugin.register :office do
  name 'Office'
  description 'Fills the tracker and tells what is in it'
  version '1'
end

# The tracker sends no mail: what it says of new accounts would lie in every mailbox.
ActionMailer::Base.perform_deliveries = false
Mailer.define_singleton_method(:deliver_security_notification) { |*, **| nil }
